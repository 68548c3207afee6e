import type { TokenManager } from 'ekspress';
import { type LocalAWS, startLocalAWS } from 'ekspress/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fleetWith, MemoryStore, machine, ROLE } from '../../../support/fleet-machine.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

let aws: LocalAWS;
let time: number;
let store: MemoryStore;
beforeEach(async () => {
  time = Date.now();
  store = new MemoryStore();
  // A refresh is due 7 minutes before the end that clients are told, and left for at most 60 seconds.
  vi.spyOn(Math, 'random').mockReturnValue(0.999);
  aws = await startLocalAWS({ roles: { [ROLE]: {} }, now: () => new Date(time) });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await aws.close();
});

const tokenOf = async (manager: TokenManager) => (await manager.getValidToken()).token;
const later = (ms: number): void => {
  time += ms;
  // The claims of a real store end by themselves.
  store.claims.clear();
};

/** The held token of a manager that is asked for one, after the refresh that this begins. */
async function refreshed(manager: TokenManager): Promise<string> {
  await manager.getValidToken();
  await expect.poll(() => manager.status().refreshing).toBe(false);
  return tokenOf(manager);
}

/** Two machines with one token: the first one has made it. */
async function twoMachines() {
  const options = { now: () => new Date(time), cache: false } as const;
  const [first, second] = [machine(aws, fleetWith(store), options), machine(aws, fleetWith(store), options)];
  const token = await tokenOf(first);
  await expect.poll(() => store.values.size).toBe(1);
  expect(await tokenOf(second)).toBe(token);
  expect(aws.count('AssumeRole')).toBe(1);
  return { first, second, token };
}

describe('a refresh ahead of time that would call AssumeRole', () => {
  it('is left to the machine that has credentials of the role, whose token is taken a minute later', async () => {
    const { first, second, token } = await twoMachines();
    later(8 * MINUTE);
    expect(await refreshed(second)).toBe(token);
    const next = await refreshed(first);
    expect(next).not.toBe(token);
    expect(await refreshed(second)).toBe(token);
    later(MINUTE);
    expect(await refreshed(second)).toBe(next);
    expect(aws.count('AssumeRole')).toBe(1);
    expect(second.status().counts).toMatchObject({ fleet: 2, mint: 0, failed: 0 });
  });

  it('is made when the token ends soon and no machine has made the next one', async () => {
    const { second, token } = await twoMachines();
    for (let count = 0; count < 10; count += 1) {
      later(MINUTE);
      expect(await refreshed(second)).toBe(token);
    }
    expect(aws.count('AssumeRole')).toBe(1);
    later(MINUTE);
    expect(await refreshed(second)).not.toBe(token);
    expect(aws.count('AssumeRole')).toBe(2);
    expect(second.status()).toMatchObject({ source: 'mint', counts: { failed: 0 } });
  });

  it('is made at once for a call that waits, because a server has refused the token', async () => {
    const { second, token } = await twoMachines();
    later(8 * MINUTE);
    expect(await refreshed(second)).toBe(token);
    await second.invalidate(token);
    expect(await tokenOf(second)).not.toBe(token);
    expect(aws.count('AssumeRole')).toBe(2);
  });

  it('is made where the store does not answer', async () => {
    const { second, token } = await twoMachines();
    later(8 * MINUTE);
    store.get = () => Promise.reject(new Error('down'));
    expect(await refreshed(second)).not.toBe(token);
  });

  it('is made by the machine itself where it has credentials of the role', async () => {
    const { first, token } = await twoMachines();
    later(8 * MINUTE);
    expect(await refreshed(first)).not.toBe(token);
    expect(aws.count('AssumeRole')).toBe(1);
  });
});
