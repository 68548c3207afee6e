import { STATUS_CODES } from 'node:http';
import { ForeignText, forLog, forTerminal } from '../../text/foreign-text.ts';
import type { ServerError } from '../transport/server-error.ts';

/** The fields of client-node's errors. */
interface ClientError {
  message: string;
  stack?: string;
  code?: unknown;
  statusCode?: unknown;
  body?: unknown;
  headers?: unknown;
  cause?: unknown;
}

/** Causes below this one are not shown. */
const MOST_CAUSES = 8;

/**
 * Completes an error of client-node with what the server said. client-node's logs, metrics, watches and web sockets have
 * only a status, and metrics of a server without that API the error of a JSON parser. Escape sequences in it have no effect.
 * @param answer the error with which the server has answered; undefined if it has not
 */
export function withServerWords(error: unknown, answer: ServerError | undefined): unknown {
  if (typeof error !== 'object' || error === null) return error;
  const failure = error as ClientError;
  // The message of a watch's error is the server's own phrase for the status.
  if (typeof failure.statusCode === 'number') setText(failure, 'message', forLog(new ForeignText(failure.message)));
  if (answer !== undefined) addWords(failure, answer);
  quieten(failure);
  return error;
}

/** The message of an error holds a Status object or a part of the body. `console.error` prints the stack, and the causes. */
function quieten(failure: ClientError, depth = 0): void {
  for (const name of ['message', 'stack'] as const) {
    const text: unknown = failure[name];
    if (typeof text === 'string') setText(failure, name, forTerminal(text));
  }
  if (failure.cause instanceof Error && depth < MOST_CAUSES) quieten(failure.cause as ClientError, depth + 1);
}

function addWords(failure: ClientError, answer: ServerError): void {
  const { status, body } = answer;
  const words = wordsOf(answer);
  if (/^Unexpected server response: \d+$/.test(failure.message)) {
    if (words !== undefined) setText(failure, 'message', `${failure.message}: ${words}`);
    Object.assign(failure, { code: status, body });
  } else if ('headers' in failure && isEmpty(failure.body)) {
    const what = words ?? STATUS_CODES[status] ?? '';
    const message = `HTTP-Code: ${status}\nMessage: ${what}\nBody: ${JSON.stringify(body)}`;
    Object.assign(failure, { code: status, body, message });
  } else if (failure.statusCode === status && words !== undefined) {
    failure.message = `${failure.message}: ${words}`;
  }
}

/** Sets a text of an error. The message of an event is a getter of its class. */
function setText(failure: ClientError, name: 'message' | 'stack', value: string): void {
  // A frozen error is the caller's own.
  if ((failure[name] ?? '') !== value && !Object.isFrozen(failure))
    Object.defineProperty(failure, name, { value, configurable: true, writable: true });
}

function isEmpty(body: unknown): boolean {
  return body === undefined || (typeof body === 'object' && body !== null && Object.keys(body).length === 0);
}

/** The message of a Status object, or a short text. */
function wordsOf({ body }: ServerError): string | undefined {
  let words: unknown = body.trim();
  try {
    words = (JSON.parse(body) as { readonly message?: unknown } | null)?.message;
  } catch {
    if (body.trimStart().startsWith('<')) return undefined;
  }
  return typeof words === 'string' && words !== '' ? forLog(new ForeignText(words)) : undefined;
}
