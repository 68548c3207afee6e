import type { IncomingMessage, RequestListener } from 'node:http';
import {
  type AWSCall,
  AWSError,
  type AWSOperation,
  type AWSReply,
  type AWSRequest,
  type AWSService,
  type CallFacts,
} from './aws-request.ts';

/** An AWS error as the answer to a call. */
export interface AWSFailureAnswer {
  /** `ExpiredToken`, `Throttling`, … */
  readonly code: string;
  /** The HTTP status. Default: 403. */
  readonly status?: number | undefined;
  /** Default: the code. */
  readonly message?: string | undefined;
}

/** The way in which a call fails: an AWS error, or `cut` for a destroyed connection. */
export type AWSFailure = AWSFailureAnswer | 'cut';

/** Options of {@link createAWSServer}. */
export interface AWSServerOptions {
  readonly services: readonly AWSService[];
  readonly now: () => Date;
  readonly called: (call: AWSCall) => void;
}

/** The services on one socket. Path and action select the service. */
export interface AWSServer {
  readonly handle: RequestListener;
  /** Makes the next calls of an operation fail. */
  failNext(operation: AWSOperation, failure: AWSFailure, times: number): void;
  /** Makes a share of the calls of an operation fail, the same ones for the same seed. */
  failSome(operation: AWSOperation, failure: AWSFailure, share: number, seed: number): void;
  /** Lets every operation work again. */
  heal(): void;
}

const MAX_BODY_BYTES = 1024 * 1024;

/** Thrown to destroy the connection. */
class Cut extends Error {}

export function createAWSServer({ services, now, called }: AWSServerOptions): AWSServer {
  const failures: { operation: AWSOperation; failure: AWSFailure; left: number; falls: () => boolean }[] = [];

  function failIfPlanned(operation: AWSOperation): void {
    const planned = failures.find((one) => one.operation === operation && one.left > 0 && one.falls());
    if (planned === undefined) return;
    planned.left -= 1;
    if (planned.failure === 'cut') throw new Cut();
    const { code, status = 403, message = code } = planned.failure;
    throw new AWSError(status, code, message);
  }

  return {
    handle(incoming, response) {
      const serve = async () => {
        let operation: AWSOperation | 'unknown' = 'unknown';
        let facts: CallFacts = {};
        const request: AWSRequest = {
          ...(await read(incoming)),
          now: now(),
          begin(name, more = {}) {
            operation = name;
            facts = { ...facts, ...more };
            failIfPlanned(name);
          },
          note(more) {
            facts = { ...facts, ...more };
          },
        };
        const { errorCode, ...reply } = answer(services, request);
        const { host, headers, now: at } = request;
        const userAgent = headers['user-agent'];
        called({
          at,
          operation,
          host,
          status: reply.status,
          ...(errorCode === undefined ? {} : { errorCode }),
          ...facts,
          ...(userAgent === undefined ? {} : { userAgent }),
        });
        if (reply.status === 0) {
          response.destroy();
          return;
        }
        // The SDKs correct their clocks by this header, so it must come from the clock of the local AWS.
        const fixed = { Date: at.toUTCString(), 'Content-Type': reply.contentType };
        response.writeHead(reply.status, { ...fixed, ...reply.headers }).end(reply.body);
      };
      serve().catch(() => response.destroy());
    },
    failNext(operation, failure, times) {
      failures.push({ operation, failure, left: times, falls: () => true });
    },
    failSome(operation, failure, share, seed) {
      const random = randomNumbers(seed);
      failures.push({ operation, failure, left: Number.POSITIVE_INFINITY, falls: () => random() < share });
    },
    heal() {
      failures.length = 0;
    },
  };
}

/** The same numbers from 0 to 1 for the same seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Status 0 means that the connection is destroyed. */
function answer(services: readonly AWSService[], request: AWSRequest): AWSReply & { errorCode?: string } {
  const service = services.find((one) => one.serves(request));
  if (service === undefined) {
    return { status: 404, contentType: 'text/plain', body: 'no service answers this', errorCode: 'UnknownOperation' };
  }
  try {
    return service.answer(request);
  } catch (error) {
    if (error instanceof Cut) return { status: 0, contentType: '', body: '', errorCode: 'cut' };
    if (!(error instanceof AWSError)) throw error;
    return { ...service.refuse(error, request), errorCode: error.code };
  }
}

async function read(incoming: IncomingMessage): Promise<Omit<AWSRequest, 'now' | 'begin' | 'note'>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Error('the body is too large');
    chunks.push(chunk);
  }
  const { method = 'GET', url = '/', headers } = incoming;
  // A client of a plain HTTP proxy sends absolute URLs.
  const [path = '/', ...query] = url.replace(/^http:\/\/[^/]*/, '').split('?');
  return { method, path, rawQuery: query.join('?'), host: headers.host ?? '', headers, body: Buffer.concat(chunks) };
}
