import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CoreV1Api } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import type { EKSAuthError } from '../../../../src/errors.ts';
import { startLocalEKS } from '../../../../src/testing/index.ts';
import { type LocalWorld, localWorld, until } from '../../../support/local-cluster.ts';
import { emptyList, scriptedServer } from '../../../support/scripted-server.ts';

/** As editors, `aws eks update-kubeconfig` and kubectl do. */
async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}

/** As Kubernetes mounts a Secret: the file is a link into `..data`, which is a link to a folder that changes. */
async function mountSecret(folder: string, name: string, text: string, version: string): Promise<string> {
  await mkdir(join(folder, version), { recursive: true });
  await writeFile(join(folder, version, name), text);
  await symlink(version, join(folder, '..data_tmp'));
  await rename(join(folder, '..data_tmp'), join(folder, '..data'));
  await symlink(join('..data', name), join(folder, name)).catch(() => {});
  return join(folder, name);
}

/** Makes requests until something is true, as a service does. */
async function busyUntil(call: () => Promise<unknown>, condition: () => boolean): Promise<void> {
  while (!condition()) {
    await call();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function heard({ registry }: LocalWorld) {
  const changed: string[] = [];
  const refused: EKSAuthError[] = [];
  registry.on('changed', ({ cluster }) => changed.push(cluster.id));
  registry.on('changeRefused', ({ error }) => refused.push(error));
  return { changed, refused };
}

describe('a kubeconfig that is replaced under a running service', () => {
  it('is followed to another profile: requests use it from then on, over the same connections', async () => {
    await using world = await localWorld();
    const { eks, registry } = world;
    const path = await world.write('config', eks.kubeconfig({ profile: 'admin' }));
    const cluster = await registry.registerByPath(path);
    const { changed, refused } = heard(world);
    const api = cluster.makeApiClient(CoreV1Api);
    await api.listNamespace();
    const before = cluster.tokenManager;

    await replace(path, eks.kubeconfig({ profile: 'reader' }));
    await busyUntil(
      () => api.listNamespace(),
      () => changed.length > 0,
    );
    expect([changed, refused]).toEqual([[cluster.id], []]);
    expect(cluster.eksAuth?.exec.env.get('AWS_PROFILE')).toBe('reader');
    const asked = before?.status().counts;
    await expect(api.createNamespace({ body: { metadata: { name: 'x' } } })).rejects.toMatchObject({ code: 403 });
    expect(cluster.tokenManager).not.toBe(before);
    expect(before?.status().counts).toEqual(asked);
    expect(eks.requests.every(({ status }) => status === 200 || status === 403)).toBe(true);
  });

  it('is followed to another cluster, as a mounted Secret: existing clients and informers are at the new one', async () => {
    await using world = await localWorld();
    const { eks, registry, home } = world;
    await using next = await startLocalEKS();
    await next.writeAWSFiles(home);
    const { admin } = next.identities;
    eks.addIdentity(admin);
    const secret = join(home, 'secret');
    const path = await mountSecret(secret, 'config', eks.kubeconfig({ profile: 'admin' }), '..one');
    const cluster = await registry.registerByPath(path);
    const { changed } = heard(world);
    const api = cluster.makeApiClient(CoreV1Api);
    const create = (name: string) =>
      api.createNamespacedConfigMap({ namespace: 'default', body: { metadata: { name } } });
    await create('only-here');
    const informer = cluster.makeInformer('/api/v1/namespaces/default/configmaps', () =>
      api.listNamespacedConfigMap({ namespace: 'default' }),
    );
    const seen: string[] = [];
    informer.on('add', ({ metadata }) => seen.push(`+${metadata?.name}`));
    informer.on('delete', ({ metadata }) => seen.push(`-${metadata?.name}`));
    await informer.start();
    await until(() => seen.includes('+only-here'));

    await mountSecret(secret, 'config', next.kubeconfig({ profile: 'admin' }), '..two');
    await busyUntil(
      () => api.listNamespace(),
      () => changed.length > 0,
    );
    expect(cluster.server).toBe(next.server);
    const { length } = eks.requests;
    await create('only-there');
    await until(() => seen.includes('+only-there'));
    expect(seen).toContain('-only-here');
    expect(seen.filter((event) => event === '+only-there')).toHaveLength(1);
    expect(eks.requests).toHaveLength(length);
    expect(next.requests.length).toBeGreaterThan(0);
    await informer.stop();
  });

  it('is followed when the old server is gone: the request that finds out is made again at the new one', async () => {
    await using world = await localWorld();
    const { registry, home } = world;
    const old = await startLocalEKS();
    await old.writeAWSFiles(home);
    const path = await world.write('config', old.kubeconfig({ profile: 'admin' }));
    const cluster = await registry.registerByPath(path);
    const api = cluster.makeApiClient(CoreV1Api);
    await api.listNamespace();
    await world.eks.writeAWSFiles(home);
    await replace(path, world.eks.kubeconfig({ profile: 'admin' }));
    await old.close();
    await api.listNamespace();
    await api.createNamespace({ body: { metadata: { name: 'made-there' } } });
    expect(world.eks.requests.map(({ method, status }) => [method, status])).toEqual([
      ['GET', 200],
      ['POST', 201],
    ]);
  });

  it('is followed where it gives back a token that could not be minted: the next call gets the new one', async () => {
    await using world = await localWorld();
    const path = await world.write('config', world.eks.kubeconfig({ profile: 'nobody' }));
    const cluster = await world.registry.registerByPath(path, { execPolicy: 'eks-only' });
    await expect(cluster.getToken()).rejects.toMatchObject({ name: 'EKSAuthError' });
    await replace(path, world.eks.kubeconfig({ profile: 'admin' }));
    await cluster.makeApiClient(CoreV1Api).listNamespace();
    await replace(path, world.eks.kubeconfig({ profile: 'nobody' }));
    const done = await new Promise((resolve) => {
      void cluster.watch().watch('/api/v1/namespaces', {}, () => resolve('watching'), resolve);
    });
    expect(done).toBe('watching');
  });
});

describe('a kubeconfig that cannot be followed', () => {
  it('changes nothing while it is half-written, empty or gone, is reported when it stays so, and is followed when it is whole', async () => {
    await using world = await localWorld();
    const { eks, registry } = world;
    const whole = eks.kubeconfig({ profile: 'reader' });
    const path = await world.write('config', eks.kubeconfig({ profile: 'admin' }));
    const cluster = await registry.registerByPath(path);
    const { changed, refused } = heard(world);
    const api = cluster.makeApiClient(CoreV1Api);
    await rm(path);
    await api.listNamespace();
    await busyUntil(
      () => api.listNamespace(),
      () => refused.length === 1,
    );
    expect(refused[0]).toMatchObject({ code: 'INVALID_KUBECONFIG', message: expect.stringContaining(path) });
    await writeFile(path, whole.slice(0, whole.indexOf('get-token')));
    await busyUntil(
      () => api.listNamespace(),
      () => refused.length === 2,
    );
    expect([changed, cluster.eksAuth?.exec.env.get('AWS_PROFILE')]).toEqual([[], 'admin']);
    await writeFile(path, whole);
    await busyUntil(
      () => api.listNamespace(),
      () => changed.length > 0,
    );
    expect(cluster.eksAuth?.exec.env.get('AWS_PROFILE')).toBe('reader');
  });

  it('gets no token sent to a server that is not trusted', async () => {
    await using world = await localWorld();
    const { eks, registry } = world;
    await using evil = await scriptedServer((_request, response) => emptyList(response));
    const path = await world.write('config', eks.kubeconfig({ profile: 'admin' }));
    const cluster = await registry.registerByPath(path, { trustedServers: [eks.server] });
    const { refused } = heard(world);
    const api = cluster.makeApiClient(CoreV1Api);
    await replace(path, eks.kubeconfig({ profile: 'admin', server: evil.url }));
    await busyUntil(
      () => api.listNamespace(),
      () => refused.length > 0,
    );
    expect(refused[0]).toMatchObject({ code: 'SERVER_UNTRUSTED' });
    expect([cluster.server, evil.connections]).toEqual([eks.server, 0]);
  });

  it('is refused where its context means another cluster than the one that the id names', async () => {
    await using world = await localWorld();
    const { eks, registry } = world;
    const text = eks.kubeconfig({ profile: 'admin' });
    const path = await world.write('config', text);
    const cluster = await registry.registerByPath(path);
    const { refused } = heard(world);
    const api = cluster.makeApiClient(CoreV1Api);
    // The current context is somebody else's business: the cluster stays with its own.
    await replace(path, text.replace(/current-context: .*/, 'current-context: another'));
    await api.listNamespace();
    await replace(
      path,
      text.replaceAll(':cluster/dev', ':cluster/other').replace(/name: arn:\S+$/gm, `name: ${cluster.context}`),
    );
    await busyUntil(
      () => api.listNamespace(),
      () => refused.length > 0,
    );
    expect(refused[0]?.code).toBe('INVALID_KUBECONFIG');
    expect(cluster.id).toBe(eks.clusterArn);
    expect(dirname(path)).toBe(world.home);
  });
});
