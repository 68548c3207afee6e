import type { ClientRequest } from 'node:http';
import type { Agent } from 'node:https';
import type { ImpersonationEntry } from '../../kubeconfig/read/kubeconfig-file.ts';

/** Headers by name. Several values are sent as several lines; the API server does not split a value at commas. */
export type HeaderLines = Readonly<Record<string, readonly string[]>>;

/** The part of client-node 2.x's dispatchers that can add headers. */
export interface HeaderDispatcher {
  compose(interceptor: (dispatch: Dispatch) => Dispatch): this;
}

type Dispatch = (options: { readonly headers?: unknown }, handler: unknown) => boolean;

/** The headers to send besides `Impersonate-User`, which client-node sends; undefined for none. */
export function impersonationHeaders(entry: ImpersonationEntry | undefined): HeaderLines | undefined {
  if (entry === undefined) return undefined;
  const { uid, groups = [], extra = {} } = entry;
  const fields: readonly (readonly [string, readonly string[]])[] = [
    ['Uid', uid === undefined ? [] : [uid]],
    ['Group', groups],
    ...Object.entries(extra).map(([key, values]) => [`Extra-${escaped(key)}`, values] as const),
  ];
  const set = fields.filter(([, values]) => values.length > 0);
  // Go writes header values as UTF-8 bytes.
  const lines = set.map(([name, values]) => [`Impersonate-${name}`, values.map((value) => bytesOf(value))] as const);
  return Object.fromEntries(lines);
}

function bytesOf(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/**
 * Makes an agent add these headers to every request. client-node has no field for them and supports one value per
 * header only. The agent sees each request before its head is written.
 */
export function sendThroughAgent(agent: Agent, headers: HeaderLines | undefined): Agent {
  if (headers === undefined) return agent;
  const kept = agent as Agent & { addRequest(request: ClientRequest, ...more: unknown[]): void };
  const addRequest = kept.addRequest.bind(kept);
  kept.addRequest = (request, ...more) => {
    for (const [name, values] of Object.entries(headers)) request.setHeader(name, values);
    addRequest(request, ...more);
  };
  return agent;
}

/** The same for client-node 2.x. The returned dispatcher uses the connections of the given one. */
export function sendThroughDispatcher<T extends object>(dispatcher: T, headers: HeaderLines | undefined): T {
  if (headers === undefined) return dispatcher;
  const composable = dispatcher as T & HeaderDispatcher;
  return composable.compose((dispatch) => (options, handler) => {
    return dispatch({ ...options, headers: { ...(options.headers as object | undefined), ...headers } }, handler);
  });
}

/** Escapes a key for a header name as client-go does: `%` and invalid characters become `%` and two hex digits. */
function escaped(key: string): string {
  return [...Buffer.from(key)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[A-Za-z0-9!#$&'*+.^_`|~-]/.test(character)
        ? character
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}
