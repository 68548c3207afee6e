import type { TokenManager, TokenStore } from 'ekspress';
import { type LocalAWS, startLocalAWS } from 'ekspress/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fleetWith, MemoryStore, machine, OTHER_ROLE, ROLE, settled } from '../support/fleet-machine.ts';
import { seededRandom } from '../support/random.ts';

// Whatever a store does: the own identity, no failure, and after a while no more waiting.

let aws: LocalAWS;
beforeAll(async () => {
  aws = await startLocalAWS({ roles: { [ROLE]: {}, [OTHER_ROLE]: {} } });
});
afterAll(() => aws.close());

const never = (): Promise<never> => new Promise(() => undefined);

/** Each way to answer a question wrongly, given what the store holds. */
const ANSWERS: Readonly<Record<string, (held: readonly Uint8Array[]) => unknown>> = {
  'throws at once': () => {
    throw new Error('refused');
  },
  rejects: () => Promise.reject(new Error('refused')),
  'rejects without a reason': () => Promise.reject(undefined),
  'answers nothing': () => undefined,
  'answers null': () => null,
  'answers a number': () => 42,
  'answers a text': () => 'k8s-aws-v1.AAAA',
  'answers an object': () => ({ length: 40, token: 'x' }),
  'answers no bytes': () => new Uint8Array(),
  'answers foreign bytes': () => new Uint8Array(2_000).fill(1),
  'answers too many bytes': () => new Uint8Array(1_000_000),
  'answers the value of another': (held) => held.at(-1),
  'answers an old value': (held) => held[0],
  'answers a then that throws': () => ({
    // biome-ignore lint/suspicious/noThenProperty: what is awaited may be a thenable of any kind
    get then() {
      throw new Error('then');
    },
  }),
};

/** The key that signed, which the local STS makes for one role. */
function accessKeyOf(token: string): string | undefined {
  const url = new URL(Buffer.from(token.slice('k8s-aws-v1.'.length), 'base64url').toString());
  return url.searchParams.get('X-Amz-Credential')?.split('/')[0];
}

function storeThat(method: keyof TokenStore, answer: () => unknown): MemoryStore {
  const store = new MemoryStore();
  store[method] = (() => {
    store.asked.push(method);
    return answer();
  }) as never;
  return store;
}

describe('a store in trouble', () => {
  for (const method of ['get', 'set', 'claim'] as const) {
    it.each(Object.entries(ANSWERS))(`costs a mint and never a token where its ${method} %s`, async (_, answer) => {
      const manager = machine(aws, fleetWith(storeThat(method, () => answer([]))));
      await manager.getValidToken();
      expect(manager.status()).toMatchObject({ source: 'mint', counts: { failed: 0 } });
    });
  }

  it('is asked twice where it is silent, and then left alone', async () => {
    const store = storeThat('get', never);
    const fleet = fleetWith(store);
    for (let count = 0; count < 10; count += 1) await machine(aws, fleet).getValidToken();
    expect(store.asked.filter((method) => method === 'get')).toHaveLength(2);
  });

  it('is asked three times where it refuses, and then left alone', async () => {
    const store = storeThat('get', () => Promise.reject(new Error('refused')));
    const fleet = fleetWith(store);
    for (let count = 0; count < 10; count += 1) await machine(aws, fleet).getValidToken();
    expect(store.asked.filter((method) => method === 'get')).toHaveLength(3);
  });

  it('makes no caller wait for more than three claims that no machine fulfils', async () => {
    const store = storeThat('claim', () => Promise.resolve(false));
    store.get = async () => {
      store.asked.push('get');
      return undefined;
    };
    const fleet = fleetWith(store);
    for (let count = 0; count < 3; count += 1) await machine(aws, fleet).getValidToken();
    store.asked.length = 0;
    const manager = machine(aws, fleet);
    await manager.getValidToken();
    expect(store.asked).toEqual(['get', 'claim', 'set']);
    expect(manager.status().source).toBe('mint');
  });

  it('is used again after it has come back', async () => {
    const store = new MemoryStore();
    let down = true;
    const get = store.get.bind(store);
    store.get = async (name) => (down ? Promise.reject(new Error('down')) : get(name));
    const fleet = fleetWith(store);
    for (let count = 0; count < 4; count += 1) await machine(aws, fleet).getValidToken();
    down = false;
    const other = machine(aws, fleetWith(store));
    await other.getValidToken();
    await settled(store);
    const source = async () => {
      const manager = machine(aws, fleet);
      await manager.getValidToken();
      return manager.status().source;
    };
    await expect.poll(source, { timeout: 20_000, interval: 500 }).toBe('fleet');
  });
});

describe('a hostile store', () => {
  it('never gives a machine the identity of another, whatever it answers', async () => {
    const random = seededRandom(7);
    const held: Uint8Array[] = [];
    const honest = new MemoryStore();
    const hostile: TokenStore = {
      get: async (name) => {
        const answers = Object.values(ANSWERS);
        if (random.chance(0.5)) return random.pick(answers)(held) as Uint8Array;
        const value = await honest.get(name);
        if (value === undefined || random.chance(0.5)) return value;
        const changed = Uint8Array.from(value);
        const place = random.below(changed.length);
        changed[place] = (changed[place] ?? 0) ^ (1 << random.below(8));
        return changed;
      },
      set: async (name, value) => {
        held.push(value);
        await honest.set(name, value);
      },
      claim: async () => random.chance(0.98),
    };
    const managers: { manager: TokenManager; role: string }[] = [];
    for (const role of [ROLE, OTHER_ROLE])
      for (let count = 0; count < 100; count += 1)
        managers.push({ role, manager: machine(aws, fleetWith(hostile), { roleArn: role, cache: false }) });
    let failed = 0;
    const keys = new Map<string, Set<string>>([ROLE, OTHER_ROLE].map((role) => [role, new Set<string>()]));
    for (const { role, manager } of managers) {
      try {
        const key = accessKeyOf((await manager.getValidToken()).token);
        if (key) keys.get(role)?.add(key);
      } catch {
        failed += 1;
      }
    }
    expect(failed).toBe(0);
    const [own = new Set(), other = new Set()] = keys.values();
    expect([...own].filter((key) => other.has(key))).toEqual([]);
    expect(managers.some(({ manager }) => manager.status().source === 'fleet')).toBe(true);
  });
});
