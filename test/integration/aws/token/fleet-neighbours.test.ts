import { ClusterRegistry } from 'ekspress';
import { type LocalAWS, startLocalAWS } from 'ekspress/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fleetWith, homeOf, MemoryStore, OTHER_ROLE, ROLE, settled } from '../../../support/fleet-machine.ts';

let aws: LocalAWS;
let store: MemoryStore;
let machines: ClusterRegistry[];
beforeEach(async () => {
  store = new MemoryStore();
  machines = [];
  aws = await startLocalAWS({ roles: { [ROLE]: {}, [OTHER_ROLE]: {} } });
});
afterEach(async () => {
  await Promise.all(machines.map((machine) => machine.close()));
  await aws.close();
});

/** Three clusters of one role, and one of another role. */
const CLUSTERS = { one: ['--profile', 'work'], two: ['--profile', 'work'], three: ['--profile', 'work'] };
const OTHERS = { audited: ['--profile', 'audit'] };
const PROFILES = `[profile work]
role_arn = ${ROLE}
source_profile = default
[profile audit]
role_arn = ${OTHER_ROLE}
source_profile = default
`;

function kubeconfigOf(clusters: Record<string, readonly string[]>): string {
  const names = Object.keys(clusters);
  const args = (name: string) => ['--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', name];
  const exec = (name: string) => ({
    apiVersion: 'client.authentication.k8s.io/v1',
    command: 'aws',
    args: [...args(name), ...(clusters[name] ?? [])],
    env: [{ name: 'AWS_CLI_AUTO_PROMPT', value: 'off' }],
  });
  return JSON.stringify({
    contexts: names.map((name) => ({ name, context: { cluster: name, user: name } })),
    clusters: names.map((name) => ({ name, cluster: { server: 'https://127.0.0.1:1' } })),
    users: names.map((name) => ({ name, user: { exec: exec(name) } })),
  });
}

async function machineWith(
  clusters: Record<string, readonly string[]>,
  profiles: string = PROFILES,
): Promise<ClusterRegistry> {
  const fleet = fleetWith(store);
  const registry = new ClusterRegistry({ env: homeOf(aws, profiles), cache: false, fleet });
  machines.push(registry);
  const { failed } = await registry.registerAllByString(kubeconfigOf(clusters), {
    trustedServers: 'kubeconfig',
    allow: ['exec-env'],
  });
  expect(failed).toEqual([]);
  return registry;
}

/** The id of the key that a token is signed with. */
function keyOf(token: string): string | undefined {
  const url = new URL(Buffer.from(token.replace('k8s-aws-v1.', ''), 'base64url').toString());
  return url.searchParams.get('X-Amz-Credential')?.split('/')[0];
}

const ask = (machine: ClusterRegistry, id: string) => machine.require(id).getToken();
const claimsOf = (machine: ClusterRegistry) => machine.activity().fleet?.claims;

describe('a machine of a fleet that has just assumed a role', () => {
  it('makes the tokens of its other clusters of that role, and the others assume no role for them', async () => {
    const first = await machineWith({ ...CLUSTERS, ...OTHERS });
    const second = await machineWith({ ...CLUSTERS, ...OTHERS });
    await ask(first, 'two');
    await settled(store, 3);
    const tokens = [await ask(second, 'one'), await ask(second, 'three'), await ask(second, 'two')];
    expect(tokens.every(({ token }) => token.startsWith('k8s-aws-v1.'))).toBe(true);
    expect(aws.count('AssumeRole')).toBe(1);
    expect(claimsOf(first)).toEqual({ won: 1, lost: 0, left: 0, ahead: 2 });
    expect(claimsOf(second)).toEqual({ won: 0, lost: 0, left: 0, ahead: 0 });
    expect(store.values.size, 'the cluster of another role has none').toBe(3);
  });

  it('gives nothing to machines whose profile of the same name has another role or another external id', async () => {
    const other = {
      role: PROFILES.replace(ROLE, OTHER_ROLE),
      tenant: PROFILES.replace(ROLE, `${ROLE}\nexternal_id = tenant-b`),
    };
    const first = await machineWith(CLUSTERS);
    const [second, third] = [await machineWith(CLUSTERS, other.role), await machineWith(CLUSTERS, other.tenant)];
    for (const machine of [first, second, third]) await ask(machine, 'two');
    await settled(store, 9);
    const rolesOf = async (machine: ClusterRegistry) => {
      const tokens = [await ask(machine, 'one'), await ask(machine, 'two'), await ask(machine, 'three')];
      return new Set(tokens.map(({ token }) => keyOf(token)));
    };
    const [ours, theirs, tenants] = [await rolesOf(first), await rolesOf(second), await rolesOf(third)];
    expect([ours.size, theirs.size, tenants.size], 'each has one session').toEqual([1, 1, 1]);
    expect(new Set([...ours, ...theirs, ...tenants]).size, 'which is that of no other machine').toBe(3);
  });

  it('holds no token for a cluster that was never asked for', async () => {
    const first = await machineWith(CLUSTERS);
    await ask(first, 'two');
    await settled(store, 3);
    expect(first.require('one').tokenManager?.status()).toMatchObject({
      state: 'empty',
      counts: { mint: 0, fleet: 0 },
    });
  });

  it('makes nothing that another machine has made or is making', async () => {
    const [first, second] = [await machineWith(CLUSTERS), await machineWith(CLUSTERS)];
    await ask(first, 'two');
    await settled(store, 3);
    await second.require('two').tokenManager?.refreshToken();
    const puts = () => store.asked.filter((method) => method === 'set').length;
    await expect.poll(puts).toBe(4);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(puts()).toBe(4);
    expect(claimsOf(second)).toMatchObject({ ahead: 0 });
  });

  it('makes nothing for clusters whose registration brought credentials', async () => {
    const first = await machineWith({ one: CLUSTERS.one, two: CLUSTERS.two });
    const keys = { accessKeyId: 'AKIAEXAMPLEKEY000001', secretAccessKey: 'EXAMPLEKEY' };
    const trust = { trustedServers: 'kubeconfig', allow: ['exec-env'], context: 'three' } as const;
    const credentials = async () => keys;
    await first.registerByString(kubeconfigOf({ three: CLUSTERS.three }), { ...trust, credentials });
    await ask(first, 'two');
    await settled(store, 2);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(store.values.size).toBe(2);
  });

  it('makes nothing for others while the store does not answer', async () => {
    const first = await machineWith(CLUSTERS);
    let asked = 0;
    store.get = async () => {
      asked += 1;
      if (asked > 1) throw new Error('down');
      return undefined;
    };
    await ask(first, 'two');
    await expect.poll(() => asked).toBe(2);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(asked, 'one failure ends it').toBe(2);
    expect(store.values.size).toBe(1);
  });

  it('makes each token once where the store has no claims', async () => {
    const first = await machineWith(CLUSTERS);
    Object.assign(store, { claim: undefined });
    await ask(first, 'two');
    await settled(store, 3);
    expect(claimsOf(first)).toMatchObject({ ahead: 2 });
    expect(aws.count('AssumeRole')).toBe(1);
  });
});
