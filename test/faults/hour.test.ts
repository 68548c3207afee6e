import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CoreV1Api } from '@kubernetes/client-node';
import { expect, it } from 'vitest';
import { ClusterRegistry, EKSAuthError } from '../../src/index.ts';
import { startLocalEKS } from '../../src/testing/index.ts';
import { heapAfterCollection } from '../support/heap.ts';
import { seededRandom } from '../support/random.ts';
import { SEED } from '../support/seed.ts';

// An hour of a service in steps, between which its clock jumps: EKSPRESS_HOUR_STEPS=360 makes them ten seconds each.
const STEPS = Number(process.env.EKSPRESS_HOUR_STEPS ?? 18);
const CLUSTERS = 200;
const INFORMERS = 20;
const LISTS_PER_STEP = 5;
const MAPS = '/api/v1/namespaces/default/configmaps';

/** What holds the process: sockets, timers, children. */
function resources(): string[] {
  return process.getActiveResourcesInfo().sort();
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(20);
}

it('An hour of 200 clusters with faults at random shows every object once, and nothing escapes or is left', async () => {
  console.log(`an hour with seed ${SEED} (EKSPRESS_SEED=${SEED} repeats it), in ${STEPS} steps`);
  const random = seededRandom(SEED);
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  process.on('unhandledRejection', note);
  const home = await mkdtemp(join(tmpdir(), 'ekspress-hour-'));
  let jumped = 0;
  const now = () => new Date(Date.now() + jumped);
  const eks = await startLocalEKS({ now });
  await eks.writeAWSFiles(home);
  const credentials = join(home, '.aws', 'credentials');
  const stable = { ...eks.identities.admin, name: 'operator', accessKeyId: 'AKIAOPERATOROPERATOR' };
  eks.addIdentity(stable);

  const path = join(home, 'config');
  const names = Array.from({ length: CLUSTERS }, (_, index) => `c${index}`);
  const args = `[--region, ${eks.region}, eks, get-token, --cluster-name, ${eks.clusterName}]`;
  const user = `{exec: {command: aws, args: ${args}, env: [{name: AWS_PROFILE, value: admin}]}}`;
  const kubeconfig = (comment: string) =>
    [
      `# ${comment}`,
      'kind: Config',
      'clusters:',
      `- {name: dev, cluster: {server: "${eks.server}", certificate-authority-data: ${eks.certificateAuthorityData}}}`,
      'contexts:',
      ...names.map((name) => `- {name: ${name}, context: {cluster: dev, user: ${name}}}`),
      'users:',
      ...names.map((name) => `- {name: ${name}, user: ${user}}`),
      '',
    ].join('\n');
  const replaceKubeconfig = async (text: string) => {
    await writeFile(`${path}.new`, text);
    await rename(`${path}.new`, path);
  };
  await replaceKubeconfig(kubeconfig('first'));

  let key = eks.identities.admin.accessKeyId;
  const writeKeys = (id: string) =>
    writeFile(
      credentials,
      `[admin]\naws_access_key_id = ${id}\naws_secret_access_key = ${eks.identities.admin.secretAccessKey}\n`,
    );
  await writeKeys(key);
  const faults: Readonly<Record<string, (step: number) => Promise<unknown> | unknown>> = {
    'every watch ends': () => eks.closeWatches(),
    'every connection is cut': () => eks.dropConnections(),
    'other keys, the old ones revoked': async (step) => {
      const next = `AKIAKEY${String(step).padStart(13, '0')}`;
      eks.addIdentity({ ...eks.identities.admin, accessKeyId: next });
      await writeKeys(next);
      eks.revoke(key);
      key = next;
    },
    'no credentials, while watches end': async () => {
      await rm(credentials, { force: true });
      eks.closeWatches();
    },
    'the kubeconfig is half-written': () => writeFile(path, kubeconfig('half').slice(0, 5_000)),
    'the kubeconfig is another file': (step) => replaceKubeconfig(kubeconfig(`step ${step}`)),
  };

  const before = resources();
  const registry = new ClusterRegistry({ env: { HOME: home, PATH: '/nonexistent' }, now, execPolicy: 'eks-only' });
  const { registered, failed } = await registry.registerAll(path);
  expect([registered.length, failed]).toEqual([CLUSTERS, []]);
  const operator = new ClusterRegistry({ env: { HOME: home }, now, cache: false });
  const writer = await operator.registerByPath(path, { context: 'c0', id: 'writer', credentials: async () => stable });
  const write = writer.makeApiClient(CoreV1Api);

  const watched = registered.slice(0, INFORMERS).map((cluster) => {
    const api = cluster.makeApiClient(CoreV1Api);
    const informer = cluster.makeInformer(MAPS, () => api.listNamespacedConfigMap({ namespace: 'default' }));
    const seen = new Map<string, number>();
    informer.on('add', ({ metadata }) => seen.set(metadata?.name ?? '', (seen.get(metadata?.name ?? '') ?? 0) + 1));
    return { informer, seen };
  });
  await Promise.all(watched.map(({ informer }) => informer.start()));

  // All have been used once: what grows from here on is a leak.
  const clients = registered.map((cluster) => cluster.makeApiClient(CoreV1Api));
  for (const client of clients) await client.listNamespace();
  const made: string[] = [];
  const strange: unknown[] = [];
  const lists = async () => {
    const calls = Array.from({ length: LISTS_PER_STEP }, async () => {
      await clients[random.below(CLUSTERS)]?.listNamespace();
    });
    for (const { status, reason } of (await Promise.allSettled(calls)) as { status: string; reason?: unknown }[]) {
      const network =
        reason instanceof Error && /FetchError|ECONN|socket|fetch failed/.test(`${reason.name} ${reason}`);
      if (status === 'rejected' && !network && !(reason instanceof EKSAuthError)) strange.push(reason);
    }
  };
  const create = async (name: string) => {
    // The one who writes may have its connection cut as well: then it looks whether it was done.
    const body = { metadata: { name } };
    for (;;) {
      const done = await write.createNamespacedConfigMap({ namespace: 'default', body }).then(
        () => true,
        (error: { code?: unknown }) => error.code === 409,
      );
      if (done) break;
      await sleep(20);
    }
    made.push(name);
  };

  let heap = 0;
  const drawn: string[] = [];
  for (let step = 0; step < STEPS; step += 1) {
    if (step === Math.floor(STEPS / 4)) {
      eks.dropConnections();
      await sleep(100);
      heap = heapAfterCollection();
    }
    const [fault] = random.pick(Object.entries(faults));
    drawn.push(fault);
    await faults[fault]?.(step);
    await Promise.all([lists(), create(`object-${step}`)]);
    await writeKeys(key);
    jumped += 3_600_000 / STEPS;
  }
  await replaceKubeconfig(kubeconfig('last'));
  // Whoever pauses after failures need not be waited for.
  await until(() => {
    for (const { informer, seen } of watched) if (made.some((name) => !seen.has(name))) void informer.start();
    return watched.every(({ seen }) => made.every((name) => seen.has(name)));
  });
  expect(new Set(drawn).size).toBe(Object.keys(faults).length);
  for (const { seen } of watched) expect([...seen.values()].filter((times) => times !== 1)).toEqual([]);
  for (const cluster of registered) expect((await cluster.getToken()).expiresAt.getTime()).toBeGreaterThan(+now());
  eks.dropConnections();
  await sleep(100);
  expect(heapAfterCollection() / heap).toBeLessThan(1.1);

  await registry.close();
  await operator.close();
  await until(() => eks.dropConnections() === 0);
  await until(() => resources().length <= before.length);
  expect([strange, unhandled]).toEqual([[], []]);
  await eks.close();
  process.off('unhandledRejection', note);
  await rm(home, { recursive: true });
}, 600_000);
