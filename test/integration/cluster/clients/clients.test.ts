import { CoreV1Api, KubernetesObjectApi, type V1ConfigMap } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { localWorld, rotateKeys, until } from '../../../support/local-cluster.ts';

describe('a client of a registered EKS cluster', () => {
  it('lists, creates and deletes as admin with a token minted in-process', async () => {
    await using world = await localWorld();
    const { eks, registry } = world;
    const cluster = await registry.registerEKSByPath(await world.write('config', eks.kubeconfig({ profile: 'admin' })));
    expect(cluster).toMatchObject({ id: eks.clusterArn, context: eks.clusterArn, server: eks.server });
    expect(cluster.eksAuth).toMatchObject({ clusterName: 'dev', region: 'us-east-1' });

    const api = cluster.makeApiClient(CoreV1Api);
    const { items } = await api.listNamespace();
    expect(items.map((item) => item.metadata?.name)).toContain('default');
    await api.createNamespace({ body: { metadata: { name: 'made-here' } } });
    await api.deleteNamespace({ name: 'made-here' });
    expect(eks.requests.map(({ method, status }) => [method, status])).toEqual([
      ['GET', 200],
      ['POST', 201],
      ['DELETE', 200],
    ]);
    expect(cluster.tokenManager?.status().counts).toMatchObject({ mint: 1, exec: 0 });
  });

  it('gets 403 where a reader may not write', async () => {
    await using world = await localWorld();
    const path = await world.write('config', world.eks.kubeconfig({ profile: 'reader' }));
    const api = (await world.registry.registerByPath(path)).makeApiClient(CoreV1Api);
    await api.listNamespace();
    await expect(api.createNamespace({ body: { metadata: { name: 'x' } } })).rejects.toMatchObject({ code: 403 });
  });

  it('is told by TOKEN_REJECTED where to look up its identity', async () => {
    await using world = await localWorld();
    const { eks, registry } = world;
    const cluster = await registry.registerByPath(await world.write('config', eks.kubeconfig({ profile: 'admin' })));
    eks.revoke(eks.identities.admin.accessKeyId);
    const refused: boolean[] = [];
    registry.on('refused', ({ healed }) => refused.push(healed));
    await expect(cluster.makeApiClient(CoreV1Api).listNamespace()).rejects.toMatchObject({
      code: 'TOKEN_REJECTED',
      message: expect.stringContaining('"dev"'),
      remedy: expect.stringContaining('aws eks list-access-entries --cluster-name dev --region us-east-1'),
    });
    // Signed anew within the same second the token is the same one, and is not sent twice.
    expect(eks.requests.length).toBeLessThanOrEqual(2);
    expect(eks.requests.every(({ status }) => status === 401)).toBe(true);
    expect(refused).toEqual([false]);
  });

  it('heals twenty concurrent calls with one mint when its token was revoked', async () => {
    await using world = await localWorld();
    const { eks, registry } = world;
    const cluster = await registry.registerByPath(await world.write('config', eks.kubeconfig({ profile: 'admin' })));
    const api = cluster.makeApiClient(CoreV1Api);
    const refused: boolean[] = [];
    registry.on('refused', ({ healed }) => refused.push(healed));
    await api.listNamespace();
    await rotateKeys(world);

    const calls = Array.from({ length: 20 }, (_, index) =>
      api.createNamespacedConfigMap({
        namespace: 'default',
        body: { metadata: { name: `c${index}` }, data: { index: `${index}` } },
      }),
    );
    expect((await Promise.all(calls)).map(({ data }) => data?.index)).toEqual(
      Array.from({ length: 20 }, (_, i) => `${i}`),
    );
    expect(cluster.tokenManager?.status().counts).toMatchObject({ mint: 2, refused: 1 });
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.every((healed) => healed)).toBe(true);
    expect(eks.requests.filter(({ status }) => status === 201)).toHaveLength(20);
  });

  it('heals KubernetesObjectApi too', async () => {
    await using world = await localWorld();
    const { eks, registry } = world;
    const cluster = await registry.registerByPath(await world.write('config', eks.kubeconfig({ profile: 'admin' })));
    const api = KubernetesObjectApi.makeApiClient(cluster.kubeConfig);
    await cluster.getToken();
    await rotateKeys(world);
    const made = await api.create<V1ConfigMap>({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'c', namespace: 'default' },
      data: { a: 'b' },
    });
    expect(made.data).toEqual({ a: 'b' });
  });

  it('goes on after the server has dropped its connections, and not after it was unregistered', async () => {
    await using world = await localWorld();
    const { eks, registry } = world;
    const cluster = await registry.registerByPath(await world.write('config', eks.kubeconfig({ profile: 'admin' })));
    const api = cluster.makeApiClient(CoreV1Api);
    await api.listNamespace();
    eks.dropConnections();
    await api.listNamespace();
    await registry.unregister(cluster.id);
    await expect(api.listNamespace()).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: expect.stringContaining('unregistered'),
    });
  });
});

describe('watches and informers', () => {
  it('see what happens, and go on after the server has closed the connection', async () => {
    await using world = await localWorld();
    const { eks, registry } = world;
    const cluster = await registry.registerByPath(await world.write('config', eks.kubeconfig({ profile: 'admin' })));
    const api = cluster.makeApiClient(CoreV1Api);
    const informer = cluster.makeInformer('/api/v1/namespaces/default/configmaps', () =>
      api.listNamespacedConfigMap({ namespace: 'default' }),
    );
    const seen: string[] = [];
    informer.on('add', (object) => seen.push(object.metadata?.name ?? ''));
    await informer.start();
    await api.createNamespacedConfigMap({ namespace: 'default', body: { metadata: { name: 'first' } } });
    await until(() => seen.includes('first'));
    expect(eks.closeWatches()).toBe(1);
    const watches = () => eks.requests.filter(({ path }) => path.includes('watch=true')).length;
    await until(() => watches() === 2);
    await api.createNamespacedConfigMap({ namespace: 'default', body: { metadata: { name: 'second' } } });
    await until(() => seen.includes('second'));
    await informer.stop();
  });

  it('reach done and not the process when no token can be minted', async () => {
    await using world = await localWorld();
    const { eks, registry } = world;
    const cluster = await registry.registerByPath(await world.write('config', eks.kubeconfig({ profile: 'nobody' })), {
      execPolicy: 'eks-only',
    });
    const done = await new Promise((resolve) => {
      void cluster.watch().watch('/api/v1/pods', {}, () => {}, resolve);
    });
    expect(done).toMatchObject({ name: 'EKSAuthError' });
    expect(eks.requests).toEqual([]);
  });

  it('end with the registry', async () => {
    await using world = await localWorld();
    const { eks, registry } = world;
    const cluster = await registry.registerByPath(await world.write('config', eks.kubeconfig({ profile: 'admin' })));
    const ended = new Promise((resolve) => {
      void cluster.watch().watch('/api/v1/namespaces', {}, () => {}, resolve);
    });
    await until(() => eks.requests.length > 0);
    await registry.close();
    await ended;
    await until(() => eks.closeWatches() === 0);
    await expect(registry.registerByPath()).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: 'This ClusterRegistry has been closed.',
    });
  });
});
