import { type Agent, request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { pipeline, Readable } from 'node:stream';
import { promisify } from 'node:util';
import { createGunzip, gunzip } from 'node:zlib';
import { originOf, redirectTarget } from '../../aws/http/read-url.ts';
import { EKSAuthError } from '../../errors.ts';
import { onAbort } from '../../system/link-signals.ts';
import { isCredential } from '../transport/passage.ts';
import { isSameOrigin, originText } from '../transport/route.ts';

/** As many as node-fetch follows. */
const MOST_REDIRECTS = 20;

/** A request, with the names that node:http has for its parts. */
export interface Outgoing {
  readonly method: string;
  readonly headers: OutgoingHttpHeaders;
  /** Not a stream, as a redirect may send it again; not a text, whose encoding node:http would give to the headers, too. */
  readonly body?: Uint8Array | undefined;
  readonly agent?: Agent | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends a request through node:http with its agent, and follows redirects as node-fetch does: without the credentials where
 * one leads to another server.
 * @throws EKSAuthError SERVER_UNTRUSTED for a redirect from https to http; else the error of node:http
 */
export async function send(url: string, outgoing: Outgoing): Promise<IncomingMessage> {
  let [at, now] = [url, outgoing];
  for (let redirects = 0; ; redirects += 1) {
    const answer = await sendOnce(at, now);
    const to = targetOf(at, answer);
    if (to === undefined) return answer;
    // An unread body keeps its connection busy.
    answer.resume();
    if (redirects === MOST_REDIRECTS) throw new Error(`The server has sent more than ${MOST_REDIRECTS} redirects.`);
    now = redirected(now, answer.statusCode, at, to);
    at = to;
  }
}

/** The body of an answer. @throws Error where the connection is lost before its end */
export async function bytesOf(answer: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const cut = (): Error => Object.assign(new Error('The answer was cut off.'), { code: 'ECONNRESET' });
  await new Promise<void>((resolve, reject) => {
    if (answer.destroyed) return reject(answer.errored ?? cut());
    answer.on('error', reject);
    answer.on('close', () => reject(cut()));
    answer.on('end', resolve);
    // A reader by events flows. A limit on pauses between bytes leaves out answers whose reader has paused them.
    answer.on('data', (chunk: Buffer) => chunks.push(chunk));
  });
  const bytes = Buffer.concat(chunks);
  return answer.headers['content-encoding'] === 'gzip' ? promisify(gunzip)(bytes) : bytes;
}

/** The body of an answer, for a reader of its parts. */
export function streamOf(answer: IncomingMessage): ReadableStream<Uint8Array> {
  const parts = answer.headers['content-encoding'] === 'gzip' ? pipeline(answer, createGunzip(), () => {}) : answer;
  return Readable.toWeb(parts) as ReadableStream<Uint8Array>;
}

function targetOf(from: string, { statusCode = 0, headers }: IncomingMessage): string | undefined {
  const { location } = headers;
  if (location === undefined || ![301, 302, 303, 307, 308].includes(statusCode)) return undefined;
  const to = redirectTarget(location, from);
  const origin = to === undefined ? undefined : originOf(to);
  if (origin === undefined) throw new Error('The server has sent a redirect to an address that cannot be read.');
  if (originOf(from)?.secure === true && !origin.secure) {
    const message = `A redirect was not followed: ${originText(origin)} is not an https:// server.`;
    throw new EKSAuthError('SERVER_UNTRUSTED', message, {
      remedy: 'Check that the server of the cluster in the kubeconfig is an API server.',
    });
  }
  return to;
}

function redirected(outgoing: Outgoing, status: number | undefined, from: string, to: string): Outgoing {
  const { method } = outgoing;
  const asGet = (status === 303 && method !== 'HEAD') || ((status === 301 || status === 302) && method === 'POST');
  const [before, after] = [originOf(from), originOf(to)];
  const here = before !== undefined && after !== undefined && isSameOrigin(before, after);
  const kept = Object.entries(outgoing.headers).filter(
    ([name]) => (here || !isCredential(name)) && !(asGet && /^content-/i.test(name)),
  );
  const headers = Object.fromEntries(kept);
  return asGet ? { ...outgoing, method: 'GET', headers, body: undefined } : { ...outgoing, headers };
}

function sendOnce(url: string, { method, headers, body, agent, signal }: Outgoing): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(aborted());
    const request = (originOf(url)?.secure === false ? httpRequest : httpsRequest)(url, {
      method,
      headers: { accept: '*/*', ...headers, ...(body !== undefined && { 'content-length': body.byteLength }) },
      ...(agent && { agent }),
    });
    let answer: IncomingMessage | undefined;
    const callOff = signal && onAbort(signal, () => (answer ?? request).destroy(aborted()));
    request.once('close', () => callOff?.());
    request.on('error', reject);
    request.once('response', (response) => {
      answer = response;
      // Without a listener, an error that comes before the reader would end the process. The reader gets it, too.
      response.on('error', () => undefined);
      resolve(response);
    });
    request.end(body);
  });
}

function aborted(): DOMException {
  return new DOMException('The user aborted a request.', 'AbortError');
}
