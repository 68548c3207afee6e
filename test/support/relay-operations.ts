import { CoreV1Api, type V1ConfigMap } from '@kubernetes/client-node';
import type { Cluster, ConnectionLimits } from 'ekspress';
import type { Random } from './random.ts';
import type { TroubledRelay } from './troubled-relay.ts';

/** Limits that are short enough for a test, in the proportions of the defaults. */
export const SHORT_LIMITS: ConnectionLimits = {
  dialMs: 1_000,
  handshakeMs: 1_000,
  firstByteMs: 1_500,
  betweenBytesMs: 750,
  silentMs: 300,
  provenMs: 200,
  watchMs: 2_000,
  watchGraceMs: 1_000,
};
const AT_ONCE = 6;
/** Two attempts, each as long as all limits allow; a machine under load may take as much again. */
const LONGEST_MS = 4 * (1_000 + 1_000 + 1_500 + 2 * 750);

type Outcome = { readonly value: unknown } | { readonly error: unknown } | 'outlived its limit';

/** The result of operations over a troubled relay. */
export interface RelayOperations {
  /** What must not happen: an operation that outlives its limit, an object that is lost or doubled. */
  readonly problems: readonly string[];
  readonly created: ReadonlySet<string>;
  readonly failures: number;
  /** The objects at the end, over connections without trouble. */
  readonly fresh: readonly V1ConfigMap[];
  /** The objects of an informer that ran meanwhile. */
  readonly informed: () => readonly V1ConfigMap[];
  readonly stop: () => Promise<void>;
}

/**
 * Creates and lists config maps over a relay while an informer runs. Afterwards the relay behaves, and they are
 * listed once more.
 */
export async function operateOverRelay(
  cluster: Cluster,
  relay: TroubledRelay,
  {
    random,
    operations,
    namespace,
  }: { readonly random: Random; readonly operations: number; readonly namespace: string },
): Promise<RelayOperations> {
  const api = cluster.makeApiClient(CoreV1Api);
  const list = () => api.listNamespacedConfigMap({ namespace });
  const informer = cluster.makeInformer<V1ConfigMap>(`/api/v1/namespaces/${namespace}/configmaps`, list);
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
  const waiting = Array.from({ length: operations }, (_, index) => index);
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
  return { problems, created, failures, fresh, informed: () => informer.list(), stop: () => informer.stop() };
}

/** The objects by name and version, for a comparison. */
export function versionsOf(maps: readonly V1ConfigMap[]): readonly string[] {
  return maps.map((map) => `${nameOf(map)} ${map.metadata?.resourceVersion}`).sort();
}

function nameOf({ metadata }: V1ConfigMap): string {
  return metadata?.name ?? '';
}

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
