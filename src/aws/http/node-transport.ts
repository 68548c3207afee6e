import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import type { Recorder } from '../../recording/recorder.ts';
import { onAbort } from '../../system/link-signals.ts';
import { readCertificates, verifiedBy } from './certificates.ts';
import { openTunnel, proxyAuthorization } from './connect.ts';
import { keptConnections, wasClosedMeanwhile } from './kept-connections.ts';
import { proxyFor } from './proxy.ts';
import { readURL } from './read-url.ts';
import { type HTTPRequest, type HTTPResponse, type HTTPTransport, TransportError } from './transport.ts';

/** The limit of an answer. AWS does not send a longer one. */
const LONGEST_ANSWER_BYTES = 1_000_000;
/** By how much an answer whose bytes come one by one may pass the limits of connecting and of silence. */
const SLOWEST_ANSWER_MS = 60_000;

/** HTTP by node:http and node:https, with the proxies and certificates that the recorder reads; nothing is read from the process. */
export function nodeTransport(recorder: Recorder): HTTPTransport {
  return async (request) => {
    recorder.contacts();
    const limit = new AbortController();
    const { signal } = request;
    const callOff = signal && onAbort(signal, () => limit.abort(signal.reason));
    try {
      return await exchange(request, recorder, limit);
    } catch (error) {
      throw describe(error, request, limit.signal);
    } finally {
      callOff?.();
    }
  };
}

async function exchange(request: HTTPRequest, recorder: Recorder, limit: AbortController): Promise<HTTPResponse> {
  const url = readURL(request.url);
  if (url === undefined) throw new TransportError('unreachable', 'that is not a plain URL');
  const ca = url.protocol === 'https:' ? await readCertificates(request.caBundle, recorder) : undefined;
  const proxy = request.proxied ? proxyFor(url, recorder) : undefined;
  const connecting = startTimer(request.connectTimeoutMs, () =>
    limit.abort(new TransportError('timeout', 'no connection in time')),
  );
  const answering = startTimer(longestMs(request), () =>
    limit.abort(new TransportError('timeout', 'the answer has no end in time')),
  );
  const options = {
    method: request.method,
    headers: request.headers,
    agent: false,
    signal: limit.signal,
  };
  try {
    if (proxy && url.protocol === 'https:') {
      // Without an agent: even a new one would open a connection of its own.
      const socket = await openTunnel({ proxy, target: url, ca, signal: limit.signal });
      return await send(
        httpsRequest,
        url,
        { ...options, agent: undefined, defaultPort: 443, createConnection: () => socket },
        request,
        connecting.stop,
      );
    }
    if (proxy) {
      const headers = { ...request.headers, host: url.host, ...proxyAuthorization(proxy) };
      const secure = proxy.protocol === 'https:';
      const trusted = secure ? await readCertificates(request.caBundle, recorder) : undefined;
      const through = { ...options, headers, path: url.href, ...verifiedBy(trusted) };
      return await send(secure ? httpsRequest : httpRequest, proxy, through, request, connecting.stop);
    }
    const open = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const direct = { ...options, ...verifiedBy(ca) };
    if (!request.kept) return await send(open, url, direct, request, connecting.stop);
    try {
      return await send(open, url, { ...direct, agent: keptConnections(url) }, request, connecting.stop);
    } catch (error) {
      if (!(error instanceof ClosedMeanwhile)) throw error;
      return await send(open, url, direct, request, connecting.stop);
    }
  } finally {
    connecting.stop();
    answering.stop();
  }
}

/** How long the whole exchange may take. 0: no limit, as where one of its parts has none. */
function longestMs({ connectTimeoutMs, readTimeoutMs }: HTTPRequest): number {
  if (connectTimeoutMs === 0 || readTimeoutMs === 0) return 0;
  return connectTimeoutMs + readTimeoutMs + SLOWEST_ANSWER_MS;
}

/** A kept connection had ended before the request reached the server. */
class ClosedMeanwhile extends Error {}

function send(
  open: typeof httpRequest,
  url: URL,
  { headers, ...options }: RequestOptions & Pick<HTTPRequest, 'headers'>,
  { body, readTimeoutMs }: HTTPRequest,
  connected: () => void,
): Promise<HTTPResponse> {
  return new Promise((resolve, reject) => {
    const outgoing = open(url, options, (incoming) => {
      answered = true;
      collect(incoming).then(resolve, reject);
    });
    let answered = false;
    // Set here, because under NODE_DEBUG=http Node prints the options of a request.
    for (const [name, value] of Object.entries(headers)) outgoing.setHeader(name, value);
    outgoing.on('error', (error) => {
      reject(!answered && wasClosedMeanwhile(outgoing.reusedSocket, error) ? new ClosedMeanwhile() : error);
    });
    // Without a listener, node:http closes such a request without an error.
    outgoing.on('upgrade', (_answer, socket) => {
      socket.destroy();
      reject(new TransportError('unreachable', 'the server has changed to another protocol (101)'));
    });
    outgoing.on('socket', (socket: Socket) => {
      if (socket.connecting) socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', connected);
      else connected();
      if (readTimeoutMs === 0) return;
      // A kept connection must not keep this listener.
      const expired = () => outgoing.destroy(new TransportError('timeout', 'no answer in time'));
      socket.setTimeout(readTimeoutMs).on('timeout', expired);
      outgoing.once('close', () => socket.off('timeout', expired));
    });
    outgoing.end(body);
  });
}

async function collect(incoming: IncomingMessage): Promise<HTTPResponse> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LONGEST_ANSWER_BYTES) throw new TransportError('unreachable', 'the answer is far too long');
    chunks.push(chunk);
  }
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]);
  return {
    status: incoming.statusCode ?? 0,
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks).toString('utf8'),
  };
}

function startTimer(ms: number, expired: () => void): { stop(): void } {
  const timer = ms > 0 ? setTimeout(expired, ms) : undefined;
  return { stop: () => clearTimeout(timer) };
}

/** How OpenSSL and Node name trouble with certificates. */
const TLS_TROUBLE = /CERT|SSL|TLS|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|SELF_SIGNED|ALTNAME/;

function describe(error: unknown, { signal }: HTTPRequest, limit: AbortSignal): TransportError {
  if (error instanceof TransportError) return error;
  if (signal?.aborted) return new TransportError('aborted', 'aborted', signal.reason);
  if (limit.aborted && limit.reason instanceof TransportError) return limit.reason;
  const { code = '', message } = error as NodeJS.ErrnoException;
  return new TransportError(TLS_TROUBLE.test(code) ? 'tls' : 'unreachable', message || code, error);
}
