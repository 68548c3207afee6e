import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { attachAllEKSAuth, attachEKSAuth } from 'ekspress';
import { startLocalEKS } from 'ekspress/testing';
import { describe, expect, it } from 'vitest';
import { localWorld } from '../../../support/local-cluster.ts';

/** A KubeConfig with the contexts `dev`, `twin` (the user of `dev`) and `plain`, and a context of another EKS cluster. */
async function manyContexts() {
  const world = await localWorld();
  const other = await startLocalEKS({ clusterName: 'other' });
  other.addIdentity(world.eks.identities.admin);
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromString(world.eks.kubeconfig({ profile: 'admin', command: '/nonexistent/aws' }));
  const second = new KubeConfig();
  second.loadFromString(other.kubeconfig({ profile: 'admin', command: '/nonexistent/aws' }));
  const [cluster] = second.clusters;
  const [user] = second.users;
  if (cluster === undefined || user === undefined) throw new Error('no entries');
  kubeConfig.addCluster({ ...cluster, name: 'other' });
  kubeConfig.addUser({ ...user, name: 'other' });
  kubeConfig.addUser({ name: 'plain', token: 'x' });
  kubeConfig.addContext({ name: 'other', cluster: 'other', user: 'other' });
  kubeConfig.addContext({ name: 'twin', cluster: 'other', user: world.eks.clusterArn });
  kubeConfig.addContext({ name: 'plain', cluster: 'other', user: 'plain' });
  const list = (context: string) => {
    kubeConfig.setCurrentContext(context);
    return kubeConfig.makeApiClient(CoreV1Api).listNamespace();
  };
  return {
    ...world,
    other,
    kubeConfig,
    list,
    dev: world.eks.clusterArn,
    async [Symbol.asyncDispose]() {
      await other.close();
      await world[Symbol.asyncDispose]();
    },
  };
}

describe('all contexts of a KubeConfig', () => {
  it('get tokens in-process, each for its own server, and their users back', async () => {
    await using world = await manyContexts();
    const { kubeConfig, env, dev, eks, other, list } = world;
    const before = kubeConfig.exportConfig();
    const { attached, failed, detach } = await attachAllEKSAuth(kubeConfig, { env });
    expect(attached.map(({ context }) => context)).toEqual([dev, 'other', 'twin']);
    expect(failed).toMatchObject([{ context: 'plain', error: { code: 'NOT_EKS' } }]);
    await list(dev);
    await list('other');
    await list(dev);
    expect([eks, other].map(({ requests }) => requests.map(({ status }) => status))).toEqual([[200, 200], [200]]);
    detach();
    detach();
    kubeConfig.setCurrentContext(dev);
    expect(kubeConfig.exportConfig()).toBe(before);
  });

  it('send no token to a server that was not vouched for, nor to that of another context', async () => {
    await using world = await manyContexts();
    const { kubeConfig, env, dev, eks, other, list } = world;
    const { attached, failed, detach } = await attachAllEKSAuth(kubeConfig, { env, trustedServers: [eks] });
    expect(attached.map(({ context }) => context)).toEqual([dev]);
    expect(failed).toMatchObject([
      { context: 'other', error: { code: 'SERVER_UNTRUSTED' } },
      { context: 'twin', error: { code: 'SERVER_UNTRUSTED' } },
      { context: 'plain', error: { code: 'NOT_EKS' } },
    ]);
    await expect(list('twin')).rejects.toMatchObject({ code: 'SERVER_UNTRUSTED' });
    detach();

    const all = await attachAllEKSAuth(kubeConfig, { env });
    kubeConfig.setCurrentContext(dev);
    const api = kubeConfig.makeApiClient(CoreV1Api);
    kubeConfig.setCurrentContext('other');
    await expect(api.listNamespace()).rejects.toMatchObject({ code: 'SERVER_UNTRUSTED' });
    expect([...eks.requests, ...other.requests]).toEqual([]);
    all.detach();
  });

  it('are attached and detached one by one in any order', async () => {
    await using world = await manyContexts();
    const { kubeConfig, env, dev, list } = world;
    const before = kubeConfig.exportConfig();
    const first = await attachEKSAuth(kubeConfig, { env, context: dev });
    const second = await attachEKSAuth(kubeConfig, { env, context: 'other' });
    first.detach();
    await list('other');
    expect(second.tokenManager.status().counts).toMatchObject({ mint: 1, exec: 0 });
    second.detach();
    kubeConfig.setCurrentContext(dev);
    expect(kubeConfig.exportConfig()).toBe(before);
    await expect(list(dev)).rejects.toThrow('/nonexistent/aws ENOENT');
  });
});
