/**
 * A {@link TokenStore} on Valkey or Redis, through a client of yours: ioredis, iovalkey or @redis/client.
 * @module ekspress/valkey
 */

import { Buffer } from 'node:buffer';
import { EKSAuthError } from '../errors.ts';
import type { TokenStore } from '../store/token-store.ts';

export type { TokenStore } from '../store/token-store.ts';

/** The parts of a client of ioredis or iovalkey that are used; a `Cluster` of theirs has them as well. */
export interface IORedisClient {
  /** GET, with the answer as bytes. */
  readonly getBuffer: (...args: never[]) => unknown;
  /** SET with `PX` and `NX`. */
  readonly set: (...args: never[]) => unknown;
}

/** The parts of a client of @redis/client that are used; a cluster of its has them as well. */
export interface NodeRedisClient {
  /** Leads to GET with the answer as bytes. */
  readonly withTypeMapping: (...args: never[]) => unknown;
  /** SET with `PX` and `NX`. */
  readonly set: (...args: never[]) => unknown;
}

/** A connected client that you keep, with its own TLS, user and reconnection. */
export type ValkeyClient = IORedisClient | NodeRedisClient;

/** `$`, the protocol's type of a text. */
const BLOB_STRING = 36;

/**
 * A store for the `fleet` of a ClusterRegistry or TokenManager. It sends GET and SET, each with one key that begins with
 * `ekspress:1:<fleet>:`, so a user with `~ekspress:1:<fleet>:* -@all +get +set` may do all that it needs.
 *
 * Let the client fail fast: with ioredis and iovalkey pass `enableOfflineQueue: false` and `maxRetriesPerRequest: 1`, with
 * @redis/client `disableOfflineQueue: true`. Give it a listener for `error`, as its documentation says.
 * @throws EKSAuthError INVALID_CONFIG where the client is none of these
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { ClusterRegistry } from 'ekspress';
 * import { valkeyStore } from 'ekspress/valkey';
 * import { Redis } from 'ioredis';
 *
 * const client = new Redis('rediss://valkey.internal:6379', { enableOfflineQueue: false, maxRetriesPerRequest: 1 });
 * client.on('error', () => undefined);
 * const secret = () => readFile('/run/secrets/fleet', 'utf8');
 * await using registry = new ClusterRegistry({ fleet: { name: 'platform', store: valkeyStore(client), secret } });
 * ```
 */
export function valkeyStore(client: ValkeyClient): TokenStore {
  if (typeof client?.set === 'function') {
    if ('getBuffer' in client) return throughIORedis(client as unknown as IORedisCalls);
    if ('withTypeMapping' in client) return throughNodeRedis(client as unknown as NodeRedisCalls);
  }
  throw new EKSAuthError('INVALID_CONFIG', 'The client given to valkeyStore has not the methods of a known client.', {
    remedy: 'Pass a client of ioredis, iovalkey or @redis/client 5 or later, or write a store with get, set and claim.',
  });
}

interface IORedisCalls {
  getBuffer(key: string): Promise<Uint8Array | null>;
  set(key: string, value: Buffer | string, unit: 'PX', ms: number, condition?: 'NX'): Promise<unknown>;
}

function throughIORedis(client: IORedisCalls): TokenStore {
  return {
    get: async (name) => (await client.getBuffer(name)) ?? undefined,
    set: (name, value, lifeMs) => client.set(name, Buffer.from(value), 'PX', lifeMs),
    claim: async (name, lifeMs) => (await client.set(name, '1', 'PX', lifeMs, 'NX')) === 'OK',
  };
}

interface NodeRedisCalls {
  withTypeMapping(mapping: object): { get(key: string): Promise<Uint8Array | null> };
  set(key: string, value: Buffer | string, options: { PX: number; NX?: true }): Promise<unknown>;
}

function throughNodeRedis(client: NodeRedisCalls): TokenStore {
  const bytes = client.withTypeMapping({ [BLOB_STRING]: Buffer });
  return {
    get: async (name) => (await bytes.get(name)) ?? undefined,
    set: (name, value, lifeMs) => client.set(name, Buffer.from(value), { PX: lifeMs }),
    claim: async (name, lifeMs) => (await client.set(name, '1', { PX: lifeMs, NX: true })) === 'OK',
  };
}
