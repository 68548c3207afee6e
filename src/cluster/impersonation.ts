import type { ClientRequest } from 'node:http';
import type { Agent } from 'node:https';
import type { ImpersonationEntry } from '../kubeconfig/kubeconfig-file.ts';

/** Headers by name; several values are several lines, which the API server tells from one value with commas. */
export type HeaderLines = Readonly<Record<string, readonly string[]>>;

/** A dispatcher of client-node 2.x, as far as headers are concerned. */
export interface HeaderDispatcher {
  compose(interceptor: (dispatch: Dispatch) => Dispatch): this;
}

type Dispatch = (options: { readonly headers?: unknown }, handler: unknown) => boolean;

/** What is to be sent beside `Impersonate-User`, which client-node sends; undefined for nothing. */
export function impersonationHeaders(entry: ImpersonationEntry | undefined): HeaderLines | undefined {
  if (entry === undefined) return undefined;
  const { uid, groups = [], extra = {} } = entry;
  const fields: readonly (readonly [string, readonly string[]])[] = [
    ['Uid', uid === undefined ? [] : [uid]],
    ['Group', groups],
    ...Object.entries(extra).map(([key, values]) => [`Extra-${escaped(key)}`, values] as const),
  ];
  const said = fields.filter(([, values]) => values.length > 0);
  // A header holds bytes: those of UTF-8, as Go writes them.
  const lines = said.map(([name, values]) => [`Impersonate-${name}`, values.map((value) => bytesOf(value))] as const);
  return Object.fromEntries(lines);
}

function bytesOf(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/**
 * Has an agent send these lines with every request. client-node has one text per header and no field for them; an agent
 * gets each request before its head is written, whoever makes it.
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

/** The same for client-node 2.x: a dispatcher that sends these lines, over the same connections. */
export function sendThroughDispatcher<T extends object>(dispatcher: T, headers: HeaderLines | undefined): T {
  if (headers === undefined) return dispatcher;
  const composable = dispatcher as T & HeaderDispatcher;
  return composable.compose((dispatch) => (options, handler) => {
    return dispatch({ ...options, headers: { ...(options.headers as object | undefined), ...headers } }, handler);
  });
}

/** As client-go writes a key into the name of a header: what may not stand there, and `%`, as percent and hex. */
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
