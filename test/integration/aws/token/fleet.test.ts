import { Buffer } from 'node:buffer';
import type { TokenManager } from 'ekspress';
import { type LocalAWS, startLocalAWS } from 'ekspress/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fleetWith, MemoryStore, machine, OTHER_ROLE, ROLE, settled } from '../../../support/fleet-machine.ts';

let aws: LocalAWS;
beforeEach(async () => {
  aws = await startLocalAWS({ roles: { [ROLE]: {}, [OTHER_ROLE]: {} } });
});
afterEach(() => aws.close());

const tokenOf = async (manager: TokenManager) => (await manager.getValidToken()).token;

/** The long-lived keys of the administrator, as variables. */
function keysOfAdmin(): Record<string, string> {
  const { accessKeyId: id = '', secretAccessKey: secret = '' } = aws.identities.admin ?? {};
  return { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret };
}

/** A token that a first machine has made and the store holds. */
async function handedOut(store: MemoryStore, options = {}) {
  const first = machine(aws, fleetWith(store), options);
  const token = await tokenOf(first);
  await settled(store);
  return token;
}

describe('a fleet', () => {
  it('lets a second machine take the token that the first one made', async () => {
    const store = new MemoryStore();
    const token = await handedOut(store);
    const second = machine(aws, fleetWith(store));
    await expect(tokenOf(second)).resolves.toBe(token);
    expect(aws.count('AssumeRole')).toBe(1);
    expect(second.status()).toMatchObject({ source: 'fleet', counts: { fleet: 1, mint: 0 } });
  });

  it('makes one token for twenty machines that start at the same time', async () => {
    const store = new MemoryStore();
    const machines = Array.from({ length: 20 }, () => machine(aws, fleetWith(store)));
    const tokens = await Promise.all(machines.map(tokenOf));
    expect(new Set(tokens).size).toBe(1);
    expect(aws.count('AssumeRole')).toBe(1);
  });

  it('shows its store neither the token nor the cluster, the role or the account', async () => {
    const store = new MemoryStore();
    const token = await handedOut(store);
    const [[name, value] = []] = store.values;
    expect(name).toMatch(/^ekspress:1:test:[\w-]{32}$/);
    const text = Buffer.from(value ?? []).toString('latin1');
    for (const secret of [token, 'dev', 'deploy', '123456789012']) expect(text).not.toContain(secret);
  });

  it('hands out what a forced refresh makes, which no store answers', async () => {
    const store = new MemoryStore();
    const token = await handedOut(store, { now: () => new Date(Date.now() - 60_000) });
    const second = machine(aws, fleetWith(store));
    const fresh = await second.refreshToken();
    expect(fresh.token).not.toBe(token);
    await expect.poll(() => tokenOf(machine(aws, fleetWith(store)))).toBe(fresh.token);
  });

  it('does not serve a token that was refused again', async () => {
    const store = new MemoryStore();
    const token = await handedOut(store, { now: () => new Date(Date.now() - 60_000) });
    const second = machine(aws, fleetWith(store), { cache: false });
    await expect(tokenOf(second)).resolves.toBe(token);
    await second.invalidate(token);
    await expect(tokenOf(second)).resolves.not.toBe(token);
  });

  it('passes over a token from a clock that is minutes ahead', async () => {
    const store = new MemoryStore();
    const token = await handedOut(store, { now: () => new Date(Date.now() + 180_000) });
    const second = machine(aws, fleetWith(store));
    await expect(tokenOf(second)).resolves.not.toBe(token);
    expect(second.status().source).toBe('mint');
  });

  it('serves two machines with one profile name and two roles each its own', async () => {
    const store = new MemoryStore();
    await handedOut(store);
    const second = machine(aws, fleetWith(store), { roleArn: OTHER_ROLE });
    await tokenOf(second);
    expect(second.status().source).toBe('mint');
    expect(aws.calls.filter(({ operation }) => operation === 'AssumeRole')).toHaveLength(2);
  });

  it.each([
    ['another cluster', { args: ['--cluster-name', 'prod', '--profile', 'work'] }],
    ['another external id', { profile: 'external_id = tenant-b\n' }],
    ['another session name', { profile: 'role_session_name = someone\n' }],
    ['another duration', { profile: 'duration_seconds = 1800\n' }],
    ['a role on top', { args: ['--cluster-name', 'dev', '--profile', 'work', '--role-arn', OTHER_ROLE] }],
    ['another region', { args: ['--cluster-name', 'dev', '--profile', 'work', '--region', 'eu-west-1'] }],
  ])('never takes a token of one identity for another: %s', async (_, options) => {
    const store = new MemoryStore();
    const token = await handedOut(store);
    const second = machine(aws, fleetWith(store), options);
    await expect(tokenOf(second)).resolves.not.toBe(token);
    expect(second.status().source).toBe('mint');
  });

  it.each([
    ['another external id', { externalId: 'tenant-b' }],
    ['another session name', { sessionName: 'someone' }],
    ['another duration', { durationSeconds: 1800 }],
    ['another tag', { tags: { team: 'red' } }],
    ['no tags', { tags: {}, transitiveTagKeys: [] }],
    ['another transitive tag', { transitiveTagKeys: [] }],
  ])("never takes a token of one caller's role for another: %s", async (_, other) => {
    const store = new MemoryStore();
    const args = ['--cluster-name', 'dev', '--role-arn', ROLE];
    const tagged = { tags: { team: 'blue' }, transitiveTagKeys: ['team'] };
    const first = { externalId: 'tenant-a', sessionName: 'me', durationSeconds: 900, ...tagged };
    const variables = keysOfAdmin();
    const token = await handedOut(store, { args, variables, assumed: first });
    const second = machine(aws, fleetWith(store), { args, variables, assumed: { ...first, ...other } });
    await expect(tokenOf(second)).resolves.not.toBe(token);
    expect(second.status().source).toBe('mint');
  });

  it.each([
    ['another name', { name: 'other' }],
    ['another secret', { secret: 'another secret of more than thirty-two bytes' }],
  ])('is another fleet with %s', async (_, more) => {
    const store = new MemoryStore();
    await handedOut(store);
    const second = machine(aws, fleetWith(store, more));
    await tokenOf(second);
    expect(second.status().source).toBe('mint');
  });

  it('reads its secret from a function, and works alone while that fails', async () => {
    const store = new MemoryStore();
    const token = await handedOut(store, {});
    const text = fleetWith(store).secret;
    const reading = machine(aws, fleetWith(store, { secret: async () => `${text}\n` }));
    await expect(tokenOf(reading)).resolves.toBe(token);
    const failing = machine(aws, fleetWith(store, { secret: () => Promise.reject(new Error('no KMS')) }));
    await tokenOf(failing);
    expect(failing.status().source).toBe('mint');
  });

  it.each([
    ['a name with a colon', { name: 'a:b' }],
    ['a short secret', { secret: 'short' }],
    ['no store', { store: {} as never }],
    ['a misspelt option', { secrets: 'x' } as never],
  ])('is refused before any call: %s', (_, more) => {
    expect(() => machine(aws, fleetWith(new MemoryStore(), more))).toThrowError(
      expect.objectContaining({ code: 'INVALID_CONFIG' }),
    );
  });
});

describe('what a fleet does not share', () => {
  const onlyLocal = async (options: Parameters<typeof machine>[2]) => {
    const store = new MemoryStore();
    const manager = machine(aws, fleetWith(store), options);
    await manager.getValidToken().catch(() => undefined);
    return store.asked;
  };

  it.each([
    ['a long-lived key without a role', { args: ['--cluster-name', 'dev', '--profile', 'default'] }],
    [
      'keys of the environment without a role',
      {
        args: ['--cluster-name', 'dev'],
        variables: { AWS_ACCESS_KEY_ID: 'ASIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'x', AWS_SESSION_TOKEN: 'y' },
      },
    ],
    [
      'a role behind an MFA code',
      { profile: 'mfa_serial = arn:aws:iam::123456789012:mfa/me\n', mfaCode: async () => '1' },
    ],
    [
      'a role behind a program',
      {
        profile: '[profile tool]\ncredential_process = /bin/false\n[profile x]\nrole_arn = a\n',
        args: ['--cluster-name', 'dev', '--profile', 'tool', '--role-arn', ROLE],
      },
    ],
    [
      'a role behind an SSO login',
      {
        profile:
          '[profile sso]\nsso_start_url = https://a.awsapps.com/start\nsso_region = us-east-1\nsso_account_id = 123456789012\nsso_role_name = r\n',
        args: ['--cluster-name', 'dev', '--profile', 'sso', '--role-arn', ROLE],
      },
    ],
    [
      "a caller's credentials without a name",
      { credentials: { accessKeyId: 'ASIATHEIRS', secretAccessKey: 'x', sessionToken: 'y' } },
    ],
    [
      "a caller's credentials without a tenant",
      {
        credentials: { accessKeyId: 'ASIATHEIRS', secretAccessKey: 'x', sessionToken: 'y' },
        identityKey: 'role/reader',
      },
    ],
  ])('is asked of no store: %s', async (_, options) => {
    await expect(onlyLocal(options)).resolves.toEqual([]);
  });

  it("includes a caller's credentials, unless they have a name and a tenant", async () => {
    const store = new MemoryStore();
    const options = {
      credentials: { accessKeyId: 'ASIATHEIRS', secretAccessKey: 'x', sessionToken: 'y' },
      identityKey: 'role/reader',
      args: ['--cluster-name', 'dev'],
    };
    const token = await tokenOf(machine(aws, fleetWith(store, { tenant: 'a' }), options));
    await settled(store);
    await expect(tokenOf(machine(aws, fleetWith(store, { tenant: 'a' }), options))).resolves.toBe(token);
    const other = machine(aws, fleetWith(store, { tenant: 'b' }), options);
    await tokenOf(other);
    expect(other.status().source).toBe('mint');
  });

  it('excludes a role that keys of the environment assume: its token is shared', async () => {
    const store = new MemoryStore();
    const args = ['--cluster-name', 'dev', '--role-arn', ROLE];
    const variables = keysOfAdmin();
    const token = await tokenOf(machine(aws, fleetWith(store), { args, variables }));
    await settled(store);
    await expect(tokenOf(machine(aws, fleetWith(store), { args, variables }))).resolves.toBe(token);
    expect(aws.count('AssumeRole')).toBe(1);
  });
});
