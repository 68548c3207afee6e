import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { attachEKSAuth } from '../../../../src/cluster/registry/attach-eks-auth.ts';
import { localWorld, rotateKeys } from '../../../support/local-cluster.ts';

function loaded(text: string): KubeConfig {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromString(text);
  return kubeConfig;
}

describe('a service with a KubeConfig of its own', () => {
  it('gets tokens in-process, a healed client, and its user back', async () => {
    await using world = await localWorld();
    const { eks, env } = world;
    const kubeConfig = loaded(eks.kubeconfig({ profile: 'admin', command: '/nonexistent/aws' }));
    const before = kubeConfig.exportConfig();
    const attached = await attachEKSAuth(kubeConfig, { env });
    expect(attached.eksAuth.clusterName).toBe('dev');
    const api = kubeConfig.makeApiClient(CoreV1Api);
    await api.listNamespace();
    await rotateKeys(world);
    await api.listNamespace();
    expect(eks.requests.map(({ status }) => status)).toEqual([200, 401, 200]);
    expect(attached.tokenManager.status().counts).toMatchObject({ mint: 2, exec: 0 });

    attached.detach();
    attached.detach();
    expect(kubeConfig.exportConfig()).toBe(before);
    expect(
      Object.hasOwn(kubeConfig, 'makeApiClient') && kubeConfig.makeApiClient !== KubeConfig.prototype.makeApiClient,
    ).toBe(false);
    await expect(kubeConfig.makeApiClient(CoreV1Api).listNamespace()).rejects.toThrow('/nonexistent/aws ENOENT');
  });

  it('has other users left alone, and their refusals too', async () => {
    await using world = await localWorld();
    const { eks, env } = world;
    const kubeConfig = loaded(eks.kubeconfig({ profile: 'admin' }));
    kubeConfig.addUser({ name: 'other', token: 'k8s-aws-v1.invalid' });
    kubeConfig.addContext({ name: 'other', cluster: eks.clusterArn, user: 'other' });
    const attached = await attachEKSAuth(kubeConfig, { env, context: eks.clusterArn });
    kubeConfig.setCurrentContext('other');
    await expect(kubeConfig.makeApiClient(CoreV1Api).listNamespace()).rejects.toMatchObject({ code: 401 });
    expect(attached.tokenManager.status().counts).toMatchObject({ mint: 0 });
    attached.detach();
  });

  it('is told why where there is nothing to attach to', async () => {
    await expect(attachEKSAuth(undefined as never)).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
    await expect(attachEKSAuth(new KubeConfig())).rejects.toMatchObject({
      code: 'INVALID_KUBECONFIG',
      message: 'The KubeConfig object has no contexts, two entries with the same name, or values that are not text.',
    });
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromClusterAndUser(
      { name: 'c', server: 'https://c', skipTLSVerify: false },
      { name: 'u', token: 't' },
    );
    await expect(attachEKSAuth(kubeConfig)).rejects.toMatchObject({ code: 'NOT_EKS' });
  });

  it('attaches once: of two at once only one does, and the user of before comes back', async () => {
    await using world = await localWorld();
    const { eks, env } = world;
    const kubeConfig = loaded(eks.kubeconfig({ profile: 'admin' }));
    const before = kubeConfig.exportConfig();
    const attach = () => attachEKSAuth(kubeConfig, { env });
    const [first, second] = await Promise.allSettled([attach(), attach()]);
    const already = {
      code: 'INVALID_CONFIG',
      message: `The KubeConfig object has EKS auth attached to its user "${eks.clusterArn}" already.`,
      remedy: expect.stringContaining('detach()'),
    };
    expect(second).toMatchObject({ status: 'rejected', reason: already });
    await expect(attach()).rejects.toMatchObject(already);
    if (first.status === 'fulfilled') first.value.detach();
    expect(kubeConfig.exportConfig()).toBe(before);
  });

  it('may tighten what its own object is allowed', async () => {
    await using world = await localWorld();
    const kubeConfig = loaded(world.eks.kubeconfig());
    const before = kubeConfig.exportConfig();
    await expect(attachEKSAuth(kubeConfig, { trustedServers: [] })).rejects.toMatchObject({ code: 'SERVER_UNTRUSTED' });
    expect(kubeConfig.exportConfig()).toBe(before);
    const attached = await attachEKSAuth(kubeConfig, { trustedServers: [world.eks], execPolicy: 'eks-only' });
    attached.detach();
  });
});
