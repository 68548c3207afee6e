import type { TokenManager } from 'ekspress';
import { type LocalAWS, startLocalAWS } from 'ekspress/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fleetWith, type MachineOptions, MemoryStore, machine, OTHER_ROLE, ROLE } from '../support/fleet-machine.ts';
import { seededRandom } from '../support/random.ts';
import { SEED } from '../support/seed.ts';

/** EKSPRESS_FLEET_PAIRS sets the number of random pairs of machines, EKSPRESS_SEED repeats a run. */
const PAIRS = Number(process.env.EKSPRESS_FLEET_PAIRS ?? 40);

let aws: LocalAWS;
beforeAll(async () => {
  aws = await startLocalAWS({ roles: { [ROLE]: {}, [OTHER_ROLE]: {} } });
});
afterAll(() => aws.close());

/** All that makes the token of one machine another one than that of the next. */
const DIFFERENCES = {
  cluster: ['dev', 'prod'],
  region: ['us-east-1', 'eu-west-1'],
  role: [ROLE, OTHER_ROLE],
  externalId: [undefined, 'tenant-a', 'tenant-b'],
  sessionName: [undefined, 'one', 'other'],
  duration: [undefined, 1800],
  onTop: [undefined, ROLE, OTHER_ROLE],
  onTopExternalId: [undefined, 'tenant-a', 'tenant-b'],
  tag: [undefined, 'red', 'blue'],
  tenant: [undefined, 'a', 'b'],
  identityKey: ['x', 'y'],
  fleet: ['test', 'test-2'],
  secret: ['a secret of at least thirty-two bytes', 'another one of at least thirty-two bytes'],
} as const;

type Situation = { readonly [K in keyof typeof DIFFERENCES]: (typeof DIFFERENCES)[K][number] };

/** The machine of a situation. Every machine has a profile called `work`, and a home of its own. */
function machineIn(store: MemoryStore, situation: Situation): TokenManager {
  const { cluster, region, role, externalId, sessionName, duration, onTop, onTopExternalId, tag } = situation;
  const { tenant, identityKey, fleet: name, secret } = situation;
  const fleet = fleetWith(store, { name, secret, ...(tenant && { tenant }) });
  const { accessKeyId = '', secretAccessKey = '' } = aws.identities.admin ?? {};
  const lines = [
    ...(externalId ? [`external_id = ${externalId}`] : []),
    ...(sessionName ? [`role_session_name = ${sessionName}`] : []),
    ...(duration ? [`duration_seconds = ${duration}`] : []),
  ];
  const args = ['--cluster-name', cluster, '--region', region, ...(onTop ? ['--role-arn', onTop] : [])];
  const options: MachineOptions = {
    cache: false,
    roleArn: role,
    profile: `${lines.join('\n')}\n`,
    args: tenant ? args : [...args, '--profile', 'work'],
    assumed: onTop
      ? { ...(onTopExternalId && { externalId: onTopExternalId }), ...(tag && { tags: { team: tag } }) }
      : {},
    ...(tenant && { credentials: async () => ({ accessKeyId, secretAccessKey }), identityKey }),
  };
  return machine(aws, fleet, options);
}

/** What decides the token of a situation: settings that its machine does not use do not count. */
function identityOf({ onTop, onTopExternalId, tag, tenant, identityKey, ...own }: Situation): string {
  const { cluster, region, fleet, secret, ...profile } = own;
  const whose = tenant ? { tenant, identityKey } : profile;
  return JSON.stringify({ cluster, region, fleet, secret, ...whose, ...(onTop && { onTop, onTopExternalId, tag }) });
}

it(`Machines that differ in anything that decides a token never have the same one (${PAIRS} pairs, seed ${SEED})`, {
  timeout: 100_000 + PAIRS * 1000,
}, async () => {
  const random = seededRandom(SEED);
  const names = Object.keys(DIFFERENCES) as (keyof Situation)[];
  const drawn = (name: keyof Situation) => random.pick(DIFFERENCES[name] as readonly unknown[]);
  const store = new MemoryStore();
  // Two machines with the same keys sign the same token in one second, so a token may have several makers.
  const makers = new Map<string, Set<string>>();
  const seen = { pairs: 0, unlike: 0, fleet: 0, mint: 0, mixed: 0, failed: 0 };
  const ask = async (situation: Situation): Promise<void> => {
    const manager = machineIn(store, situation);
    const identity = identityOf(situation);
    try {
      const { token } = await manager.getValidToken();
      const made = makers.get(token) ?? new Set();
      if (manager.status().source === 'fleet') {
        seen.fleet += 1;
        if (!made.has(identity)) seen.mixed += 1;
      } else {
        seen.mint += 1;
        makers.set(token, made.add(identity));
      }
    } catch {
      seen.failed += 1;
    }
    store.claims.clear();
  };
  for (; seen.pairs < PAIRS; seen.pairs += 1) {
    const one = Object.fromEntries(names.map((name) => [name, drawn(name)])) as Situation;
    const changed = random.shuffled(names).slice(0, random.pick([0, 1, 1, 1, 2]));
    const other = { ...one, ...Object.fromEntries(changed.map((name) => [name, drawn(name)])) } as Situation;
    if (identityOf(one) !== identityOf(other)) seen.unlike += 1;
    await ask(one);
    await ask(other);
  }
  if (process.env.EKSPRESS_FLEET_PAIRS) console.log(`pairs of machines, seed ${SEED}: ${JSON.stringify(seen)}`);
  expect({ mixed: seen.mixed, failed: seen.failed }).toEqual({ mixed: 0, failed: 0 });
  expect(seen.unlike).toBeGreaterThan(0);
  expect(seen.fleet).toBeGreaterThan(0);
});
