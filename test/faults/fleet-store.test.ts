import type { TokenStore } from 'ekspress';
import { type LocalAWS, startLocalAWS } from 'ekspress/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fleetWith, MemoryStore, machine, OTHER_ROLE, ROLE, settled } from '../support/fleet-machine.ts';
import { seededRandom } from '../support/random.ts';
import { SEED } from '../support/seed.ts';

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

/** EKSPRESS_QUESTIONS sets how often a hostile store is asked, and whether each bit of a value is changed. */
const QUESTIONS = Number(process.env.EKSPRESS_QUESTIONS ?? 200);
const AT_A_TIME = 20;

async function inTurns(count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) {
      next += 1;
      await work(next - 1);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
}

/** Which role each access key belongs to, as far as tokens have shown. */
class Owners {
  readonly #roles = new Map<string, string>();
  wrong = 0;

  see(role: string, token: string): void {
    const key = accessKeyOf(token) ?? '';
    const owner = this.#roles.get(key) ?? role;
    this.#roles.set(key, owner);
    if (owner !== role) this.wrong += 1;
  }
}

function flipped(value: Uint8Array, bit: number): Uint8Array {
  const changed = Uint8Array.from(value);
  changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return changed;
}

describe('a hostile store', () => {
  it(`never gives a machine the identity of another nor costs a token, whatever it answers (${QUESTIONS} questions)`, {
    timeout: 120_000 + QUESTIONS * 100,
  }, async () => {
    const random = seededRandom(SEED);
    const held: Uint8Array[] = [];
    const honest = new MemoryStore();
    const all = Object.values(ANSWERS);
    const lies = () => random.pick(all)(held) as never;
    const hostile: TokenStore = {
      get: async (name) => {
        if (random.chance(0.01)) return never();
        if (random.chance(0.4)) return lies();
        const value = await honest.get(name);
        if (value === undefined || random.chance(0.5)) return value;
        return flipped(value, random.below(value.length * 8));
      },
      set: async (name, value) => {
        held.push(value);
        if (held.length > 200) held.splice(random.below(held.length), 1);
        if (random.chance(0.05)) return lies();
        await honest.set(name, value);
      },
      claim: async () => (random.chance(0.02) ? lies() : true),
    };
    const owners = new Owners();
    const seen = { failed: 0, fleet: 0, mint: 0 };
    await inTurns(QUESTIONS, async () => {
      const roleArn = random.pick([ROLE, OTHER_ROLE]);
      const manager = machine(aws, fleetWith(hostile), { roleArn, cache: false });
      try {
        owners.see(roleArn, (await manager.getValidToken()).token);
        seen[manager.status().source === 'fleet' ? 'fleet' : 'mint'] += 1;
      } catch {
        seen.failed += 1;
      }
    });
    if (process.env.EKSPRESS_QUESTIONS)
      console.log(`hostile store: ${QUESTIONS} questions, ${JSON.stringify(seen)}, wrong ${owners.wrong}`);
    expect({ failed: seen.failed, wrong: owners.wrong }).toEqual({ failed: 0, wrong: 0 });
    expect(seen.fleet).toBeGreaterThan(0);
  });

  it('cannot change a bit of a value so that it is taken', { timeout: 900_000 }, async () => {
    const honest = new MemoryStore();
    const first = await machine(aws, fleetWith(honest), { cache: false }).getValidToken();
    await settled(honest);
    const [value = new Uint8Array()] = honest.values.values();
    const bits = Array.from({ length: value.length * 8 }, (_, bit) => bit);
    const chosen = process.env.EKSPRESS_QUESTIONS ? bits : bits.filter((bit) => bit % 389 === 0);
    const seen = { failed: 0, taken: 0 };
    await inTurns(chosen.length, async (index) => {
      const store = new MemoryStore();
      store.get = async () => flipped(value, chosen[index] ?? 0);
      const manager = machine(aws, fleetWith(store), { cache: false });
      try {
        const { token } = await manager.getValidToken();
        if (token === first.token || manager.status().source === 'fleet') seen.taken += 1;
      } catch {
        seen.failed += 1;
      }
    });
    if (process.env.EKSPRESS_QUESTIONS) console.log(`changed bits: ${chosen.length}, ${JSON.stringify(seen)}`);
    expect(seen).toEqual({ failed: 0, taken: 0 });
  });
});
