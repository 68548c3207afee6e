import { CoreV1Api, type V1ConfigMap } from '@kubernetes/client-node';
import type { ConnectionLimits } from 'ekspress';
import { describe, expect, it } from 'vitest';
import { localWorld } from '../support/local-cluster.ts';
import { seededRandom } from '../support/random.ts';
import { troubledRelayTo } from '../support/troubled-relay.ts';

const OPERATIONS = Number(process.env.EKSPRESS_RELAY_OPERATIONS ?? 120);
const SEED = Number(process.env.EKSPRESS_RELAY_SEED ?? 16);
const AT_ONCE = 6;
const LIMITS: ConnectionLimits = {
  dialMs: 1_000,
  handshakeMs: 1_000,
  firstByteMs: 1_500,
  betweenBytesMs: 750,
  silentMs: 300,
  provenMs: 200,
  watchMs: 2_000,
  watchGraceMs: 1_000,
};
/** Two attempts, each as long as all limits allow; a machine under load may take as much again. */
const LONGEST_MS = 4 * (1_000 + 1_000 + 1_500 + 2 * 750);
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

type Outcome = { readonly value: unknown } | { readonly error: unknown } | 'outlived its limit';

function outcomeOf(operation: Promise<unknown>): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Outcome>((resolve) => {
    timer = setTimeout(() => resolve('outlived its limit'), LONGEST_MS);
  });
  const done = operation.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  return Promise.race([done, late]).finally(() => clearTimeout(timer));
}

const nameOf = ({ metadata }: V1ConfigMap): string => metadata?.name ?? '';

describe('over connections that fall silent, delay, close and break', () => {
  it(`${OPERATIONS} operations (seed ${SEED}) end within their limits, none lost and none doubled, and an informer is complete`, async () => {
    await using world = await localWorld({ limits: LIMITS });
    const random = seededRandom(SEED);
    const { server } = world.eks;
    await using relay = await troubledRelayTo(Number(new URL(server).port), random);
    const text = world.eks.kubeconfig().replaceAll(server, `https://127.0.0.1:${relay.port}`);
    const cluster = await world.registry.registerByPath(await world.write('config', text));
    const api = cluster.makeApiClient(CoreV1Api);
    const namespace = 'default';
    const list = () => api.listNamespacedConfigMap({ namespace });
    const informer = cluster.makeInformer<V1ConfigMap>(CONFIG_MAPS, list);
    informer.on('error', () => {});
    void informer.start();

    const created = new Set<string>();
    const problems: string[] = [];
    let failures = 0;
    const create = async (name: string): Promise<void> => {
      const body = { metadata: { name }, data: { filler: 'x'.repeat(random.below(2_000)) } };
      const outcome = await outcomeOf(api.createNamespacedConfigMap({ namespace, body, fieldManager: name }));
      if (outcome === 'outlived its limit') problems.push(`the creation of ${name} outlived its limit`);
      else if ('value' in outcome) created.add(name);
      else if ((outcome.error as { code?: unknown }).code === 409) problems.push(`${name} was created twice`);
      else failures += 1;
    };
    const read = async (name: string): Promise<void> => {
      const before = [...created];
      const outcome = await outcomeOf(list());
      if (outcome === 'outlived its limit') problems.push(`${name} outlived its limit`);
      else if ('error' in outcome) failures += 1;
      else {
        const found = new Set((outcome.value as { items: V1ConfigMap[] }).items.map(nameOf));
        for (const one of before) if (!found.has(one)) problems.push(`${name} lacks ${one}`);
      }
    };
    const waiting = Array.from({ length: OPERATIONS }, (_, index) => index);
    const worker = async (): Promise<void> => {
      for (let index = waiting.shift(); index !== undefined; index = waiting.shift()) {
        if (random.chance(0.4)) await create(`map-${index}`);
        else await read(`list ${index}`);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));

    relay.behave();
    const fresh = (await list()).items;
    const present = new Set(fresh.map(nameOf));
    for (const name of created) if (!present.has(name)) problems.push(`${name} is lost`);
    const sent = world.eks.requests
      .filter(({ method, status }) => method === 'POST' && status < 300)
      .map(({ path }) => path);
    for (const path of new Set(sent)) {
      if (sent.filter((one) => one === path).length > 1) problems.push(`${path} was sent twice`);
    }
    expect(problems).toEqual([]);
    const versions = (maps: readonly V1ConfigMap[]) =>
      maps.map((map) => `${nameOf(map)} ${map.metadata?.resourceVersion}`).sort();
    await expect.poll(() => versions(informer.list()), { timeout: 60_000, interval: 200 }).toEqual(versions(fresh));
    await informer.stop();
    expect(created.size, 'some succeed').toBeGreaterThan(0);
    expect(failures, 'some are in trouble').toBeGreaterThan(0);
    expect([...relay.fates.keys()].length, 'connections have several fates').toBeGreaterThan(3);
  }, 600_000);
});
