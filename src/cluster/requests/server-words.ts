import { STATUS_CODES } from 'node:http';
import { ForeignText, forLog } from '../../text/foreign-text.ts';
import type { ServerError } from '../transport/server-error.ts';

/** The fields of client-node's errors. */
interface ClientError {
  message: string;
  code?: unknown;
  statusCode?: unknown;
  body?: unknown;
  headers?: unknown;
}

/**
 * Completes an error of client-node with what the server said. client-node's logs, metrics, watches and web sockets have
 * only a status, and metrics of a server without that API the error of a JSON parser.
 * @param answer the error with which the server has answered; undefined if it has not
 */
export function withServerWords(error: unknown, answer: ServerError | undefined): unknown {
  if (answer === undefined || typeof error !== 'object' || error === null) return error;
  const failure = error as ClientError;
  const { status, body } = answer;
  const words = wordsOf(answer);
  if (/^Unexpected server response: \d+$/.test(failure.message)) {
    // The message of an event is a getter of its class.
    const message = words === undefined ? failure.message : `${failure.message}: ${words}`;
    Object.defineProperty(failure, 'message', { value: message, configurable: true });
    Object.assign(failure, { code: status, body });
  } else if ('headers' in failure && isEmpty(failure.body)) {
    const what = words ?? STATUS_CODES[status] ?? '';
    const message = `HTTP-Code: ${status}\nMessage: ${what}\nBody: ${JSON.stringify(body)}`;
    Object.assign(failure, { code: status, body, message });
  } else if (failure.statusCode === status && words !== undefined) {
    failure.message = `${failure.message}: ${words}`;
  }
  return error;
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
