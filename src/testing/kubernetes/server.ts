import type { IncomingMessage, ServerResponse } from 'node:http';
import type { User } from './access.ts';
import { answerCall } from './api.ts';
import type { BodyAnswer } from './call.ts';
import type { JSONValue } from './objects.ts';
import { decodeKubernetesProtobuf, PROTOBUF } from './protobuf.ts';
import { badRequest, StatusError, unsupportedMediaType } from './status-error.ts';
import type { ObjectStore } from './store.ts';
import { startWatch } from './watch.ts';

/** Options of {@link createAPIServer}. */
export interface APIServerOptions {
  readonly store: ObjectStore;
  readonly now: () => Date;
  /** Returns the user of an `Authorization` header, or throws 401 as a StatusError. */
  readonly authenticate: (authorization: string | undefined) => User;
  /** Called once per request, after its answer has been written or its stream has begun. */
  readonly served: (request: IncomingMessage, code: number, user: User | undefined) => void;
}

/** An API server without its socket. */
export interface APIServer {
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
  /** Ends all watches, as a server does at their timeout. Clients then list or watch again. */
  readonly closeWatches: () => number;
}

/** The limit of etcd. */
const MAX_BODY_BYTES = 1.5 * 1024 * 1024;
const HEALTH = new Set(['/healthz', '/livez', '/readyz']);

/** Serves the Kubernetes API of a store to users that `authenticate` accepts. */
export function createAPIServer({ store, now, authenticate, served }: APIServerOptions): APIServer {
  const watches = new Set<() => void>();

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<User | undefined> {
    const url = new URL(request.url ?? '/', 'https://cluster.invalid');
    if (HEALTH.has(url.pathname)) {
      response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8' }).end('ok');
      return undefined;
    }
    let user: User | undefined;
    try {
      user = authenticate(request.headers.authorization);
      const { method = 'GET' } = request;
      const { accept = '', 'content-type': contentType = '' } = request.headers;
      const body = parseBody(await readBody(request), contentType);
      const answer = answerCall({ method, url, accept, contentType, body, user, now: now() }, store);
      if (!('watch' in answer)) {
        send(response, answer);
        return user;
      }
      const stop = startWatch(answer.watch, store, response);
      watches.add(stop);
      response.once('close', () => watches.delete(stop));
    } catch (error) {
      sendError(response, error);
    }
    return user;
  }

  return {
    handle(request, response) {
      void serve(request, response).then((user) => served(request, response.statusCode, user));
    },
    closeWatches() {
      const running = [...watches];
      for (const stop of running) stop();
      return running.length;
    },
  };
}

function send(response: ServerResponse, { code, body, contentType = 'application/json' }: BodyAnswer): void {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(`${JSON.stringify(body)}\n`);
  response.writeHead(code, { 'Content-Type': contentType, 'Content-Length': bytes.length }).end(bytes);
}

function sendError(response: ServerResponse, error: unknown): void {
  const refusal = error instanceof StatusError ? error : internalError(error);
  if (response.headersSent) response.destroy();
  else send(response, { code: refusal.code, body: refusal.toStatus() });
}

function internalError(error: unknown): StatusError {
  return new StatusError(500, 'InternalError', error instanceof Error ? error.message : String(error));
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES)
      throw new StatusError(413, 'RequestEntityTooLarge', 'Request entity too large: limit is 1572864');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parseBody(bytes: Buffer, contentType: string): JSONValue | undefined {
  if (bytes.length === 0) return undefined;
  const mediaType = contentType.split(';')[0]?.trim() ?? '';
  if (mediaType === PROTOBUF) {
    const object = decodeKubernetesProtobuf(bytes);
    if (object === undefined) throw unsupportedMediaType(mediaType, ['application/json']);
    return object;
  }
  // The types of patches are checked when the patch is applied.
  if (mediaType !== '' && !/json$|\+yaml$/.test(mediaType)) throw unsupportedMediaType(mediaType, ['application/json']);
  try {
    return JSON.parse(bytes.toString('utf8')) as JSONValue;
  } catch {
    throw badRequest('the object provided is unrecognized: it is not JSON');
  }
}
