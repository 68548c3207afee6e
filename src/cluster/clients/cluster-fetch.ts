import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { pipeline, Readable } from 'node:stream';
import type { ReadableStream as NodeStream } from 'node:stream/web';
import type { KubeConfig } from '@kubernetes/client-node';
import { originOf, pathAndQuery } from '../../aws/http/read-url.ts';
import { onAbort } from '../../system/link-signals.ts';
import type { Attempted } from '../requests/cluster-auth.ts';
import { isRefusal, serverTimeIn } from '../requests/is-refusal.ts';
import { sendsByAgent } from '../senders/sent-by-agent.ts';
import { isClosed } from '../transport/closed-connection.ts';
import { kindOf } from '../transport/request-kind.ts';
import { beginningOf } from '../transport/server-error.ts';
import { SilentConnection } from '../transport/watch-answer.ts';
import type { FetchRequest } from './fetch-request.ts';
import type { ClientParts } from './pod-clients.ts';

/** Answers of these kinds have no body. */
const WITHOUT_BODY = new Set([204, 205, 304]);

/**
 * Sends a request to the server of the cluster. What the API clients do, too: a refused token is replaced, a changed
 * kubeconfig is followed, a read is sent again if its connection turns out to be closed or silent.
 */
export async function fetchFromCluster(parts: ClientParts, request: FetchRequest): Promise<Response> {
  const { auth, changes, kubeConfig } = parts;
  const count = changes.count();
  const send = (): Promise<Attempted<Response>> => auth.attempt(() => sendOnce(kubeConfig, request));
  const sendAgain = async ({ outcome }: Attempted<Response>): Promise<Attempted<Response>> => {
    // An unread body keeps its connection busy.
    if ('value' in outcome) await outcome.value.body?.cancel();
    return send();
  };
  const isRepeatable = !(request.body instanceof ReadableStream);
  let made = await send();
  if ('error' in made.outcome && isRepeatable && (await mayBeSentAgain(made))) made = await sendAgain(made);
  if (isRepeatable && (await isRefused(made, request)) && (await changes.since(count))) made = await sendAgain(made);
  const { passage } = made;
  if (passage !== undefined && (await isRefused(made, request))) {
    if (passage.token === undefined) auth.certificateRefused(passage);
    else if (!isRepeatable) await auth.drop(passage);
    else {
      await auth.heal(
        passage,
        async () => {
          made = await sendAgain(made);
          return !(await isRefused(made, request));
        },
        { signal: request.signal, serverTime: () => timeOf(made) },
      );
    }
  }
  if ('error' in made.outcome) throw made.outcome.error;
  return made.outcome.value;

  /** A read whose connection was lost, or any request that has not left, where the kubeconfig is another one by now. */
  async function mayBeSentAgain({ outcome, passage: of }: Attempted<Response>): Promise<boolean> {
    const error = 'error' in outcome ? outcome.error : undefined;
    const lost = error instanceof SilentConnection || isClosed(error);
    if (lost && kindOf(request.method, request.path, false).isRepeatable) return true;
    return of?.sent !== true && (await changes.since(count));
  }
}

function timeOf({ outcome }: Attempted<Response>): Date | undefined {
  return 'value' in outcome ? serverTimeIn(outcome.value.headers.get('date')) : undefined;
}

async function isRefused({ outcome }: Attempted<Response>, { path }: FetchRequest): Promise<boolean> {
  if ('error' in outcome) return false;
  const { value } = outcome;
  return isRefusal(path.split('?', 1)[0] ?? '', value.status, () => beginningOf(value.clone().body));
}

async function sendOnce(kubeConfig: KubeConfig, request: FetchRequest): Promise<Response> {
  const { method, path, headers, body, signal } = request;
  signal?.throwIfAborted();
  const server = kubeConfig.getCurrentCluster()?.server ?? '';
  const options: RequestOptions = sendsByAgent({ method });
  await kubeConfig.applyToHTTPSOptions(options);
  const userAgent = headers.get('user-agent');
  options.headers = {
    ...Object.fromEntries(headers),
    ...options.headers,
    ...(userAgent !== null && { 'User-Agent': userAgent }),
  };
  const origin = originOf(server);
  Object.assign(options, origin && { host: origin.host, port: origin.port });
  options.path = `${pathAndQuery(server).path.replace(/(?<!\/)\/+$/, '')}${path}`;
  const url = `${server.replace(/(?<!\/)\/+$/, '')}${path}`;
  return new Promise((resolve, reject) => {
    const outgoing = (origin?.secure === false ? httpRequest : httpsRequest)(options);
    let answer: IncomingMessage | undefined;
    const callOff = signal && onAbort(signal, () => (answer ?? outgoing).destroy(signal.reason));
    outgoing.once('close', () => callOff?.());
    outgoing.on('error', reject);
    outgoing.once('response', (response) => {
      answer = response;
      try {
        resolve(responseOf(response, method, url));
      } catch (error) {
        // A status or a header that the class Response refuses. Thrown here, it would end the process.
        outgoing.destroy();
        reject(error);
      }
    });
    if (body instanceof ReadableStream) {
      // Either one ends the other; the request reports the error of both.
      pipeline(Readable.fromWeb(body as NodeStream), outgoing, () => undefined);
    } else {
      outgoing.end(body);
    }
  });
}

function responseOf(answer: IncomingMessage, method: string, url: string): Response {
  const { statusCode: status = 0, statusMessage: statusText = '', rawHeaders } = answer;
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '');
  const empty = method === 'HEAD' || WITHOUT_BODY.has(status);
  // An unread body keeps its connection busy.
  if (empty) answer.resume();
  const body = empty ? null : (Readable.toWeb(answer) as unknown as ReadableStream<Uint8Array>);
  return Object.defineProperty(new Response(body, { status, statusText, headers }), 'url', { value: url });
}
