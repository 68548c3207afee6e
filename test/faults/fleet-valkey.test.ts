import { createClient } from '@redis/client';
import type { TokenStore } from 'ekspress';
import { type LocalAWS, startLocalAWS } from 'ekspress/testing';
import { valkeyStore } from 'ekspress/valkey';
import { Redis } from 'ioredis';
import { Redis as Valkey } from 'iovalkey';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fleetWith, machine, OTHER_ROLE, ROLE } from '../support/fleet-machine.ts';
import { optionalProgram } from '../support/optional-programs.ts';
import { writableMemory } from '../support/process-memory.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';

// A real server over TLS, whose user may GET and SET the keys of the fleet and nothing else.

const program = optionalProgram('redis-server') ?? optionalProgram('valkey-server');
let aws: LocalAWS;
beforeAll(async () => {
  aws = await startLocalAWS({ roles: { [ROLE]: {}, [OTHER_ROLE]: {} } });
});
afterAll(() => aws.close());

interface Connected extends Disposable {
  readonly store: TokenStore;
}

const CLIENTS: Readonly<Record<string, (server: RedisServer) => Promise<Connected>>> = {
  ioredis: async (server) => ofIORedis(new Redis(optionsOf(server))),
  iovalkey: async (server) => ofIORedis(new Valkey(optionsOf(server))),
  '@redis/client': async ({ port, user, password, certificateAuthority }) => {
    const client = createClient({
      ...{ username: user, password, disableOfflineQueue: true, disableClientInfo: true },
      socket: { host: '127.0.0.1', port, tls: true, ca: certificateAuthority },
    });
    client.on('error', () => undefined);
    await client.connect();
    return { store: valkeyStore(client), [Symbol.dispose]: () => client.destroy() };
  },
};

function optionsOf({ port, user, password, certificateAuthority }: RedisServer) {
  return {
    ...{ host: '127.0.0.1', port, username: user, password, tls: { ca: certificateAuthority } },
    ...{ enableOfflineQueue: false, maxRetriesPerRequest: 1, enableReadyCheck: false, disableClientInfo: true },
  };
}

async function ofIORedis(client: Redis | Valkey): Promise<Connected> {
  client.on('error', () => undefined);
  await new Promise<void>((resolve) => (client as Redis).once('ready', () => resolve()));
  return { store: valkeyStore(client), [Symbol.dispose]: () => client.disconnect() };
}

describe.skipIf(program === undefined)('a real store', () => {
  it.each(Object.keys(CLIENTS))('shares one token among ten machines through %s', async (name) => {
    await using server = await startRedis(program ?? '', 'test');
    using connected = await (CLIENTS[name] as (typeof CLIENTS)[string])(server);
    const before = aws.count('AssumeRole');
    const machines = Array.from({ length: 10 }, () => machine(aws, fleetWith(connected.store)));
    const tokens = await Promise.all(machines.map((one) => one.getValidToken()));
    expect(new Set(tokens.map(({ token }) => token)).size).toBe(1);
    expect(aws.count('AssumeRole') - before).toBe(1);
  });

  it('refuses its user the keys of another fleet, which then mints alone', async () => {
    await using server = await startRedis(program ?? '', 'test');
    using connected = await (CLIENTS.ioredis as (typeof CLIENTS)[string])(server);
    const manager = machine(aws, fleetWith(connected.store, { name: 'other' }));
    await manager.getValidToken();
    expect(manager.status()).toMatchObject({ source: 'mint', counts: { failed: 0 } });
  });

  it('never mixes tenants with one role and two external ids, nor machines with one profile name and two roles', async () => {
    await using server = await startRedis(program ?? '', 'test');
    using connected = await (CLIENTS.ioredis as (typeof CLIENTS)[string])(server);
    const kinds = [
      { profile: 'external_id = tenant-a\n' },
      { profile: 'external_id = tenant-b\n' },
      { roleArn: OTHER_ROLE },
    ];
    const tokens = await Promise.all(
      kinds.map(async (kind) => {
        const machines = Array.from({ length: 5 }, () => machine(aws, fleetWith(connected.store), kind));
        return new Set((await Promise.all(machines.map((one) => one.getValidToken()))).map(({ token }) => token));
      }),
    );
    expect(tokens.map(({ size }) => size)).toEqual([1, 1, 1]);
    expect(new Set(tokens.flatMap((set) => [...set])).size).toBe(3);
  });

  it.skipIf(process.platform !== 'linux')(
    'has nothing in its memory that a token or its owner consists of',
    async () => {
      await using server = await startRedis(program ?? '', 'test');
      using connected = await (CLIENTS.ioredis as (typeof CLIENTS)[string])(server);
      const fleet = fleetWith(connected.store);
      const secrets = [
        aws.identities.admin?.secretAccessKey ?? '',
        aws.identities.admin?.accessKeyId ?? '',
        `${fleet.secret}`,
      ];
      for (const roleArn of [ROLE, OTHER_ROLE]) {
        const args = ['--cluster-name', 'a-cluster-with-a-long-name', '--profile', 'work'];
        const { token } = await machine(aws, fleet, { roleArn, args }).getValidToken();
        const taken = async () => (await machine(aws, fleet, { roleArn, args }).getValidToken()).token;
        await expect.poll(taken).toBe(token);
        const url = Buffer.from(token.slice('k8s-aws-v1.'.length), 'base64url').toString();
        const query = new URL(url).searchParams;
        const sessionToken = query.get('X-Amz-Security-Token') ?? '';
        const [key = ''] = query.get('X-Amz-Credential')?.split('/') ?? [];
        secrets.push(
          token,
          url,
          sessionToken,
          encodeURIComponent(sessionToken),
          key,
          query.get('X-Amz-Signature') ?? '',
          roleArn,
        );
      }
      secrets.push('a-cluster-with-a-long-name');
      const [found, looked] = [new Set<string>(), { names: 0 }];
      for (const bytes of writableMemory(server.process.pid ?? 0)) {
        if (bytes.includes('ekspress:1:test:')) looked.names += 1;
        for (const secret of secrets) if (secret !== '' && bytes.includes(secret)) found.add(secret);
      }
      expect(looked.names).toBeGreaterThan(0);
      expect([...found].map((secret) => secret.slice(0, 12))).toEqual([]);
    },
  );

  it.each(['SIGKILL', 'SIGSTOP'] as const)('costs no token when %s meets it on the way', async (signal) => {
    await using server = await startRedis(program ?? '', 'test');
    using connected = await (CLIENTS.ioredis as (typeof CLIENTS)[string])(server);
    const fleet = fleetWith(connected.store);
    let failed = 0;
    for (let count = 0; count < 60; count += 1) {
      if (count === 20) server.process.kill(signal);
      const args = ['--cluster-name', `c${count}`, '--profile', 'work'];
      await machine(aws, fleet, { args, cache: false })
        .getValidToken()
        .catch(() => {
          failed += 1;
        });
    }
    expect(failed).toBe(0);
  });
});
