import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import type { Duplex, Readable } from 'node:stream';
import type { Origin } from '../../aws/http/read-url.ts';
import { EKSAuthError } from '../../errors.ts';
import { isClosed } from './closed-connection.ts';
import { type Connections, detourOf } from './connections.ts';
import type { Limits } from './limits.ts';
import { type HeaderLines, isCredential, type Passage } from './passage.ts';
import { retryAfterMs } from './retry-after.ts';
import { originText } from './route.ts';
import { awaitServerError } from './server-error.ts';
import { watchAnswer } from './watch-answer.ts';

/** Where a request of node:http wants to go. */
interface Hop {
  readonly host?: string;
  readonly port?: number | string;
}

/**
 * An agent of node:http for one request and its redirects. It uses the connections of the route, the checks of the
 * passage and the limits of the request.
 * @param headers sent to the server of the route only
 */
export function guardedAgent(connections: Connections, passage: Passage, limits: Limits, headers?: HeaderLines): Agent {
  const { secure } = passage.route.origin;
  const send = (request: ClientRequest, options: Hop): void => {
    try {
      // The agent can check headers only before they are written. Some forms of headers are written at once.
      if (request.headersSent) throw passage.refusal('its headers cannot be checked');
      const host = String(options.host)
        .replace(/^\[|\]$/g, '')
        .toLowerCase();
      const hop = { secure, host, port: Number(options.port) };
      if (passage.admit(hop, request.getHeader('authorization'))) {
        for (const [name, values] of Object.entries(headers ?? {})) request.setHeader(name, values);
        travel(connections, passage, limits, request, options);
      } else {
        for (const name of request.getHeaderNames()) if (isCredential(name)) request.removeHeader(name);
        travel(detourOf(passage, hop, limits), passage, limits, request, options);
      }
    } catch (error) {
      passage.failure = error as Error;
      // In this way an agent of node:http tells a request that it gets no connection.
      (request as ClientRequest & { onSocket(socket: null, error: unknown): void }).onSocket(null, error);
    }
  };
  return Object.create(connections.kept, { addRequest: { value: send } });
}

function travel(
  connections: Connections,
  passage: Passage,
  limits: Limits,
  request: ClientRequest,
  options: Hop,
): void {
  const { kept, single } = connections;
  const kind = passage.kindOf(request.method, request.path, request.getHeader('upgrade') !== undefined);
  let answer: IncomingMessage | undefined;
  const watched = watchAnswer({
    passage,
    server: connections.route.origin,
    kind,
    limits,
    end: (reason) => (answer ?? request).destroy(reason),
    probe: (signal) => connections.probe(signal),
    silent: () => connections.silent(),
    received: () => request.socket?.bytesRead ?? 0,
    isPaused: () => answer?.readableFlowing !== true || answer.readableLength > 0,
  });
  tellAfterHead(request);
  if (kind.dropsErrors) {
    awaitServerError(request, (error) => {
      passage.serverError = error;
    });
  }
  const sent = (): void => {
    if (request.socket) watched.sent(request.reusedSocket);
  };
  request.once('socket', sent);
  // The time of the answer begins when the last byte of the request has left.
  request.once('finish', sent);
  request.prependOnceListener('response', (response) => {
    answer = response;
    passage.retryAfterMs = retryAfterMs(response.headers['retry-after']);
    passage.date = response.headers.date;
    watched.head();
    tellReaders(response);
  });
  endUnaskedUpgrade(request, passage, connections.route.origin, watched.over);
  request.once('close', watched.over);
  request.once('error', (error) => {
    if (error instanceof EKSAuthError) passage.failure ??= error;
    else if (request.reusedSocket && isClosed(error)) connections.dropIdle();
    watched.over();
  });
  if (!kind.isRead) kept.dropIdle(limits.provenMs);
  (kind.isStream || !connections.isShared ? single : kept).send(request, options, limits);
}

/**
 * Lets an error that came in one packet with the head of the answer reach the request a turn later. The caller of node-fetch has
 * the answer only then: it would wait for the end of a body that has failed already.
 */
function tellAfterHead(request: ClientRequest): void {
  const emit: (event: string | symbol, ...args: unknown[]) => boolean = request.emit.bind(request);
  let isNew = false;
  request.emit = ((event: string | symbol, ...args: unknown[]) => {
    if (event === 'error' && isNew) return Boolean(setImmediate(() => emit(event, ...args)));
    if (event === 'response') {
      isNew = true;
      setImmediate(() => {
        isNew = false;
      });
    }
    return emit(event, ...args);
  }) as typeof request.emit;
}

/**
 * Ends a request whose server changes to another protocol (101) while nothing waits for that. node:http reports no error of a
 * request whose socket it hands over or closes for this reason: the caller would wait for ever.
 * @param changed called when the server has changed to another protocol
 */
function endUnaskedUpgrade(request: ClientRequest, passage: Passage, server: Origin, changed: () => void): void {
  request.once('upgrade', (_answer, socket) => {
    changed();
    if (request.listenerCount('upgrade') > 0) return;
    socket.destroy();
    passage.failure ??= unaskedUpgrade(server);
    request.emit('error', passage.failure);
  });
}

function unaskedUpgrade(server: Origin): EKSAuthError {
  const message = `${originText(server)} has changed to a protocol that the request did not ask for (101 Switching Protocols).`;
  return new EKSAuthError('NETWORK', message, {
    remedy: 'Check that the server of the cluster in the kubeconfig is an API server.',
  });
}

/**
 * Makes the readers of an answer fail with the answer. node-fetch otherwise lets the reader of a body of known length
 * wait for ever when the connection is closed before the end. Each stream of the chain that node-fetch makes while it
 * gets the answer has a listener: a compressed body has two, and an error of the first one would end the process.
 */
function tellReaders(source: Readable): void {
  const readers: Duplex[] = [];
  let isMade = false;
  queueMicrotask(() => {
    isMade = true;
  });
  const pipe = source.pipe.bind(source);
  source.pipe = ((reader: Duplex, options?: { end?: boolean }) => {
    if (!isMade) {
      readers.push(reader);
      tellReaders(reader);
    }
    return pipe(reader, options);
  }) as typeof source.pipe;
  source.on('error', (error) => {
    for (const reader of readers) reader.destroy(error);
  });
}
