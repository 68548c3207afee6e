import { ClusterRegistry, type EKSCluster, type FleetOptions } from 'ekspress';
import { type LocalAWS, type LocalEKS, startLocalAWS, startLocalEKS } from 'ekspress/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fleetWith, homeOf, MemoryStore, ROLE, settled } from '../../../support/fleet-machine.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

let aws: LocalAWS;
let eks: LocalEKS;
let registries: ClusterRegistry[];
beforeEach(async () => {
  registries = [];
  aws = await startLocalAWS({ roles: { [ROLE]: { groups: ['system:masters'] } } });
  eks = await startLocalEKS({ aws, clusterName: 'prod' });
});
afterEach(async () => {
  for (const registry of registries) await registry.close();
  await eks.close();
  await aws.close();
});

type Variables = Readonly<Record<string, string>>;

/** A text whose stanza sets these variables. */
function textWith(variables: Variables, args: readonly string[]): string {
  const command = { apiVersion: 'client.authentication.k8s.io/v1', command: 'aws' };
  const all = ['--region', eks.region, 'eks', 'get-token', '--cluster-name', 'prod', ...args];
  const env = Object.entries(variables).map(([name, value]) => ({ name, value }));
  return JSON.stringify({
    'current-context': 'x',
    contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
    clusters: [
      { name: 'x', cluster: { server: eks.server, 'certificate-authority-data': eks.certificateAuthorityData } },
    ],
    users: [{ name: 'x', user: { exec: { ...command, args: all, env } } }],
  });
}

interface Sharing {
  /** Default: a home of its own. */
  readonly env?: Variables;
  readonly fleet?: FleetOptions;
  readonly cache: false | { readonly directory: string };
}

/** A cluster of a text, in a registry of its own. */
async function registered(variables: Variables, args: readonly string[], sharing: Sharing): Promise<EKSCluster> {
  const registry = new ClusterRegistry({ env: homeOf(aws, ''), ...sharing });
  registries.push(registry);
  const trust = { trustedServers: 'kubeconfig', allow: ['exec-env'] } as const;
  return registry.registerEKSByString(textWith(variables, args), trust);
}

const role = ['--role-arn', ROLE];
const keyId = (): string => aws.identities.admin?.accessKeyId ?? '';

const LIARS: readonly [string, () => Variables][] = [
  [
    'the right id of a key and a wrong secret',
    () => ({ AWS_ACCESS_KEY_ID: keyId(), AWS_SECRET_ACCESS_KEY: 'EXAMPLEKEY' }),
  ],
  [
    'invented temporary keys',
    () => ({
      AWS_ACCESS_KEY_ID: 'ASIAEXAMPLEKEY000001',
      AWS_SECRET_ACCESS_KEY: 'EXAMPLEKEY',
      AWS_SESSION_TOKEN: 'EXAMPLEKEY',
    }),
  ],
];

describe('a kubeconfig that brings keys', () => {
  it.each(LIARS)('gets no token of a fleet for %s', async (_, variables) => {
    const store = new MemoryStore();
    const sharing = { fleet: fleetWith(store), cache: false } as const;
    await (await registered({}, role, sharing)).getToken();
    await settled(store);
    await expect((await registered(variables(), role, sharing)).getToken()).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
    });
    expect(store.values.size).toBe(1);
  });

  it.each(LIARS)('gets no token of the disk cache for %s', async (_, variables) => {
    const sharing = { env: homeOf(aws, ''), cache: { directory: temporaryFolder('brought-keys') } };
    const { secretAccessKey: secret = '' } = aws.identities.admin ?? {};
    const owner = { AWS_ACCESS_KEY_ID: keyId(), AWS_SECRET_ACCESS_KEY: secret };
    const registry = new ClusterRegistry({ ...sharing, env: { ...sharing.env, ...owner } });
    registries.push(registry);
    const theirs = await registry.registerEKSByString(textWith({}, role), { trustedServers: 'kubeconfig' });
    await theirs.getToken();
    const stranger = await registered(variables(), role, sharing);
    await expect(stranger.getToken()).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
  });

  it('shares none over a fleet, and gets its own with the right keys', async () => {
    const store = new MemoryStore();
    const sharing = { fleet: fleetWith(store), cache: false } as const;
    const { secretAccessKey: secret = '' } = aws.identities.admin ?? {};
    const right = { AWS_ACCESS_KEY_ID: keyId(), AWS_SECRET_ACCESS_KEY: secret };
    const cluster = await registered(right, role, sharing);
    await cluster.getToken();
    expect(cluster.tokenManager.status().source).toBe('mint');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(store.asked).toEqual([]);
  });

  it('shares over a fleet where it chooses a region or a profile only', async () => {
    const store = new MemoryStore();
    const sharing = { fleet: fleetWith(store), cache: false } as const;
    await (await registered({ AWS_PROFILE: 'default', AWS_REGION: eks.region }, role, sharing)).getToken();
    await settled(store);
    const second = await registered({}, role, sharing);
    await second.getToken();
    expect(second.tokenManager.status().source).toBe('fleet');
  });
});
