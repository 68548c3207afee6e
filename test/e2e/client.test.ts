import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CoreV1Api, KubernetesObjectApi, PatchStrategy } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ClusterRegistry } from '../../src/index.ts';
import { decisionsOf, tokenHash } from '../support/server-decisions.ts';

const server = inject('apiServer');

describe.skipIf(!server)('a service on a real API server', () => {
  const { folder, cluster: clusterName } = server ?? { folder: '', cluster: '' };
  const kubeconfig = (name: string) => join(folder, 'kc', name);
  let home: string;

  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'ekspress-e2e-home-'));
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  const log = () => (server ? decisionsOf(server).join('\n') : '');
  const openRegistry = (options: { now?: () => Date } = {}) =>
    new ClusterRegistry({ env: { PATH: process.env.PATH, HOME: home }, ...options });

  it('lists what is there, as admin', async () => {
    await using registry = openRegistry();
    const cluster = await registry.registerEKSByPath(kubeconfig('aws.yaml'));
    const core = cluster.makeApiClient(CoreV1Api);
    const { items } = await core.listNamespace();
    expect(items.map((item) => item.metadata?.name)).toContain('kube-system');
  });

  it('creates, sees its own change arrive on a watch, and deletes, as admin', async () => {
    await using registry = openRegistry();
    const cluster = await registry.registerByPath(kubeconfig('aws.yaml'));
    const core = cluster.makeApiClient(CoreV1Api);
    const name = 'written-by-a-service';

    const watch = cluster.watch();
    const ended = new AbortController();
    const seen = new Promise<string>((resolve, reject) => {
      watch
        .watch(
          '/api/v1/namespaces/default/configmaps',
          {},
          (phase, object) => object.metadata.name === name && resolve(phase),
          (error) => !ended.signal.aborted && error && reject(error),
        )
        .then((request) => ended.signal.addEventListener('abort', () => request.abort()), reject);
    });
    await core.createNamespacedConfigMap({
      namespace: 'default',
      body: { metadata: { name }, data: { pods: 'out' } },
    });
    expect(await seen).toBe('ADDED');
    ended.abort();

    const read = await core.readNamespacedConfigMap({ namespace: 'default', name });
    expect(read.data).toEqual({ pods: 'out' });
    await core.deleteNamespacedConfigMap({ namespace: 'default', name });
  });

  it('patches objects of any kind by each strategy, and gets what the server says of a conflict and of an invalid object', async () => {
    await using registry = openRegistry();
    const cluster = await registry.registerByPath(kubeconfig('aws.yaml'));
    const api = KubernetesObjectApi.makeApiClient(cluster.kubeConfig);
    const head = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'any-kind', namespace: 'default' } };
    const patch = (body: object, strategy: PatchStrategy, force?: boolean) =>
      api.patch(Object.assign(body, head), undefined, undefined, 'a-service', force, strategy);
    await api.create({ ...head, data: { of: 'create' } });
    try {
      const operations = [{ op: 'add', path: '/data/json', value: '1' }];
      const core = cluster.makeApiClient(CoreV1Api);
      await core.patchNamespacedConfigMap({ ...head.metadata, body: operations });
      await patch({ data: { merge: '2' } }, PatchStrategy.MergePatch);
      await patch({ data: { strategic: '3' } }, PatchStrategy.StrategicMergePatch);
      const applied = await patch({ data: { apply: '4' } }, PatchStrategy.ServerSideApply, true);
      expect(applied).toMatchObject({ data: { of: 'create', json: '1', merge: '2', strategic: '3', apply: '4' } });

      const says = (code: number, text: string) => ({ code, body: expect.stringContaining(text) });
      await expect(api.create(head)).rejects.toMatchObject(says(409, 'already exists'));
      const old = { ...head, metadata: { ...head.metadata, resourceVersion: '1' } };
      await expect(api.replace(old)).rejects.toMatchObject(says(409, 'the object has been modified'));
      const invalid = { ...head, metadata: { ...head.metadata, name: 'Not valid' } };
      await expect(api.create(invalid)).rejects.toMatchObject(says(422, 'Invalid value'));
      await expect(cluster.makeMetrics().getNodeMetrics()).rejects.toMatchObject({
        code: 404,
        message: expect.stringContaining('has no metrics API'),
      });
    } finally {
      await api.delete(head);
    }
  });

  it('is known to the server by the token that getToken() shows', async () => {
    await using registry = new ClusterRegistry({ env: { HOME: home }, cache: false });
    const cluster = await registry.registerEKSByPath(kubeconfig('aws.yaml'));
    const { token } = await cluster.getToken();
    const core = cluster.makeApiClient(CoreV1Api);
    await core.listNamespace();
    expect(log()).toMatch(new RegExp(`ok .*sha=${tokenHash(token)}`));
  });

  it('gets 403, not 401, where the identity is known but has no permission', async () => {
    await using registry = openRegistry();
    const cluster = await registry.registerEKSByPath(kubeconfig('aws-reader.yaml'));
    const core = cluster.makeApiClient(CoreV1Api);
    await expect(core.listNamespace()).rejects.toMatchObject({ code: 403 });
    expect(log()).toContain('ok user=arn:aws:iam::123456789012:user/reader');
  });

  it('gets 401 with a token for another cluster', async () => {
    const other = join(home, 'other-cluster.yaml');
    const text = readFileSync(kubeconfig('aws.yaml'), 'utf8');
    writeFileSync(other, text.replace(`--cluster-name, ${clusterName}`, '--cluster-name, another'), { mode: 0o600 });
    await using registry = openRegistry();
    const cluster = await registry.registerEKSByPath(other);
    const core = cluster.makeApiClient(CoreV1Api);
    await expect(core.listNamespace()).rejects.toMatchObject({ code: 'TOKEN_REJECTED' });
    expect(log()).toContain('denied SignatureDoesNotMatch');
  });

  it('gets 401 with a token that a clock 16 minutes behind has minted', async () => {
    await using registry = new ClusterRegistry({
      env: { HOME: home },
      cache: false,
      now: () => new Date(Date.now() - 16 * 60_000),
    });
    const cluster = await registry.registerEKSByPath(kubeconfig('aws.yaml'));
    const core = cluster.makeApiClient(CoreV1Api);
    await expect(core.listNamespace()).rejects.toMatchObject({ code: 'TOKEN_REJECTED' });
    expect(log()).toMatch(/denied expired \(\d+s after x-amz-date\)/);
  });
});
