import { ClusterRegistry, type EKSAuthError, getEKSToken, TokenManager } from 'ekspress';
import { startLocalEKS, verifyToken } from 'ekspress/testing';
import { describe, expect, it } from 'vitest';

const KEYS = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const options = { env: { HOME: '/nonexistent', PATH: '', ...KEYS }, cache: false } as const;

describe('a cluster by its name, without a kubeconfig', () => {
  it('makes the same token for a TokenManager and for getEKSToken', async () => {
    const now = () => new Date('2026-01-01T00:00:00Z');
    const cluster = { clusterName: 'dev', region: 'us-east-1' };
    using manager = new TokenManager(cluster, { ...options, now });
    const { token } = await manager.getToken();
    expect(token).toBe((await getEKSToken({ ...cluster, ...options, now })).token);
  });

  it('may be named by the id of a cluster on an Outpost', async () => {
    const clusterId = '11111111-2222-3333-4444-555555555555';
    using manager = new TokenManager({ clusterId, region: 'us-east-1' }, options);
    const identities = new Map([
      [
        KEYS.AWS_ACCESS_KEY_ID,
        {
          name: 'a',
          arn: 'arn:aws:iam::1:user/a',
          accessKeyId: KEYS.AWS_ACCESS_KEY_ID,
          secretAccessKey: KEYS.AWS_SECRET_ACCESS_KEY,
          groups: [],
        },
      ],
    ]);
    expect(verifyToken((await manager.getToken()).token, { clusterName: clusterId, identities })).toMatchObject({
      accepted: true,
    });
  });

  it.each([
    [{ region: 'us-east-1' }, 'This is not an EKSAuthConfig'],
    [{ clusterName: 'a', clusterId: 'b' }, 'TokenManager needs the name or the id of the cluster, not both.'],
    [{ cluster: 'dev' }, 'TokenManager has no option "cluster". Did you mean "clusterName" or "clusterId"?'],
  ])('is refused where it is not one cluster: %j', (cluster, message) => {
    expect(() => new TokenManager(cluster as never, options)).toThrow(message);
  });
});

describe('registerAll', () => {
  it('takes a text, which is trusted as a text is, and tells which of its clusters are EKS clusters', async () => {
    await using eks = await startLocalEKS();
    await using registry = new ClusterRegistry(options);
    const refused = await registry.registerAll(eks.kubeconfig());
    expect(refused.failed.map(({ error }: { error: EKSAuthError }) => error.code)).toEqual(['SERVER_UNTRUSTED']);
    const { registered } = await registry.registerAll(eks.kubeconfig(), { trustedServers: [eks] });
    expect(registered.filter((cluster) => cluster.isEKS()).map(({ eksAuth }) => eksAuth.clusterName)).toEqual(['dev']);
  });
});
