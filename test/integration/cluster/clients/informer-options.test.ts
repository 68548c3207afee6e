import type { ServerResponse } from 'node:http';
import { CoreV1Api, CustomObjectsApi, type KubernetesListObject, type V1Pod } from '@kubernetes/client-node';
import type { Cluster, InformerList } from 'ekspress';
import { describe, expect, it } from 'vitest';
import { until } from '../../../support/local-cluster.ts';
import { quickRegistry, register } from '../../../support/quick-registry.ts';
import { scriptedServer } from '../../../support/scripted-server.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e'];
const EXPIRED = '{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Expired","code":410}';

function podNamed(name: string) {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'ns', resourceVersion: '7' } };
}

/** Answers a list in pages, as the API server does. Watches stay open. */
function answerPages(path: string, response: ServerResponse): void {
  const query = new URL(path, 'https://server').searchParams;
  response.writeHead(200, { 'Content-Type': 'application/json' });
  if (query.has('watch')) return void response.flushHeaders();
  const begin = Number(query.get('continue') ?? 0);
  const end = begin + Number(query.get('limit') ?? NAMES.length);
  const metadata = { resourceVersion: '7', ...(end < NAMES.length && { continue: String(end) }) };
  response.end(JSON.stringify({ kind: 'PodList', metadata, items: NAMES.slice(begin, end).map(podNamed) }));
}

/** Starts an informer, and waits for its first error or its watch. */
async function started<T extends V1Pod>(cluster: Cluster, list: InformerList<T>, options?: object | string) {
  const informer = cluster.makeInformer<T>('/api/v1/pods', list, options);
  const errors: unknown[] = [];
  informer.on('error', (error: unknown) => errors.push(error));
  await informer.start();
  const names = informer.list().map(({ metadata }) => metadata?.name);
  await informer.stop();
  return { names, errors };
}

describe('an informer', () => {
  it('lists in pages, and selects by labels and fields in list and watch', async () => {
    await using server = await scriptedServer(({ path }, response) => answerPages(path, response));
    await using registry = quickRegistry();
    const cluster = await register(registry, server);
    const core = cluster.makeApiClient(CoreV1Api);
    const options = { labelSelector: 'app=web', fieldSelector: 'spec.nodeName=n', limit: 2 };
    const { names, errors } = await started(cluster, (query) => core.listPodForAllNamespaces(query), options);
    expect([names, errors]).toEqual([NAMES, []]);
    const queries = server.seen.map(({ path }) => Object.fromEntries(new URL(path, server.url).searchParams));
    const selection = { labelSelector: 'app=web', fieldSelector: 'spec.nodeName=n' };
    expect(queries).toEqual([
      { ...selection, limit: '2' },
      { ...selection, limit: '2', continue: '2' },
      { ...selection, limit: '2', continue: '4' },
      expect.objectContaining({ ...selection, watch: 'true', resourceVersion: '7' }),
    ]);
  });

  it('reads all pages of custom objects', async () => {
    await using server = await scriptedServer(({ path }, response) => answerPages(path, response));
    await using registry = quickRegistry();
    const cluster = await register(registry, server);
    const custom = cluster.makeApiClient(CustomObjectsApi);
    const kind = { group: 'g', version: 'v1', plural: 'pods' };
    const list = (query: object): Promise<KubernetesListObject<V1Pod>> =>
      custom.listClusterCustomObject({ ...kind, ...query });
    expect((await started(cluster, list, { limit: 2 })).names).toEqual(NAMES);
  });

  it('lists without pages where the version of its first page has expired', async () => {
    await using server = await scriptedServer(({ path }, response) => {
      if (path.includes('continue=')) response.writeHead(410, { 'Content-Type': 'application/json' }).end(EXPIRED);
      else answerPages(path, response);
    });
    await using registry = quickRegistry();
    const cluster = await register(registry, server);
    const core = cluster.makeApiClient(CoreV1Api);
    const { names, errors } = await started(cluster, (query) => core.listPodForAllNamespaces(query), { limit: 2 });
    expect([names, errors]).toEqual([NAMES, []]);
  });

  it('says so where its list function returns one page only', async () => {
    await using server = await scriptedServer(({ path }, response) => answerPages(path, response));
    await using registry = quickRegistry();
    const cluster = await register(registry, server);
    const core = cluster.makeApiClient(CoreV1Api);
    const { errors } = await started(cluster, () => core.listPodForAllNamespaces({ limit: 2 }));
    expect(errors[0]).toMatchObject({
      code: 'INVALID_CONFIG',
      message: 'The list function of an informer returns its first page again and again.',
      remedy: expect.stringContaining('(query) => '),
    });
  });

  it.each([
    ['nothing', undefined],
    ['a list of something else', { items: [podNamed('a'), null] }],
  ])('says so where its list function returns %s', async (_, answer) => {
    await using server = await scriptedServer(({ path }, response) => answerPages(path, response));
    await using registry = quickRegistry();
    const { errors } = await started(await register(registry, server), async () => answer as never);
    expect(errors[0]).toMatchObject({ code: 'INVALID_CONFIG', message: expect.stringContaining('a list of objects') });
  });

  it.each([
    ['ADDED', null, 'metadata'],
    ['MODIFIED', 5, 'metadata'],
    ['ERROR', null, 'a status'],
    ['ERROR', undefined, 'a status'],
    ['ERROR', 'gone', 'a status'],
  ])('reports an event that cannot be read, and continues: %s of %j', async (type, unreadable, what) => {
    let watches = 0;
    await using server = await scriptedServer(({ path }, response) => {
      answerPages(path, response);
      if (!path.includes('watch=')) return;
      watches += 1;
      const event = watches === 1 ? { type, object: unreadable } : { type: 'ADDED', object: podNamed('new') };
      response.write(`${JSON.stringify(event)}\n`);
    });
    await using registry = quickRegistry();
    const cluster = await register(registry, server);
    const core = cluster.makeApiClient(CoreV1Api);
    const informer = cluster.makeInformer('/api/v1/pods', (query) => core.listPodForAllNamespaces(query));
    const errors: Error[] = [];
    informer.on('error', (error: Error) => errors.push(error));
    await informer.start();
    await until(() => informer.get('new', 'ns') !== undefined);
    await informer.stop();
    expect(errors.map(({ message }) => message)).toEqual([`The server has sent an event "${type}" without ${what}.`]);
  });

  it('refuses an option that does not exist', async () => {
    await using server = await scriptedServer(({ path }, response) => answerPages(path, response));
    await using registry = quickRegistry();
    const cluster = await register(registry, server);
    const list = async () => ({ items: [] });
    expect(() => cluster.makeInformer('/api/v1/pods', list, { fieldSelectors: 'a=b' } as object)).toThrow(
      'Did you mean "fieldSelector"',
    );
    expect(() => cluster.makeInformer('/api/v1/pods', list, { limit: 0 })).toThrow('a whole number above 0');
  });
});
