import { CoreV1Api } from '@kubernetes/client-node';
import { ClusterRegistry, type EKSAuthError } from 'ekspress';
import { describe, expect, it } from 'vitest';
import { localWorld, rotateKeys } from '../../support/local-cluster.ts';

// The plugin sees a refusal by the same process asking again, some seconds later: test/integration/exec/again.test.ts.

describe('a token that the API server has refused', () => {
  it('is replaced by one mint and the request is made again once', async () => {
    await using world = await localWorld();
    const { eks, registry } = world;
    const cluster = await registry.registerByPath(await world.write('config', eks.kubeconfig({ profile: 'admin' })));
    const api = cluster.makeApiClient(CoreV1Api);
    await api.listNamespace();
    await rotateKeys(world);
    const before = eks.requests.length;
    await Promise.all(Array.from({ length: 5 }, () => api.listNamespace()));
    const made = eks.requests.slice(before);
    expect(made.filter(({ status }) => status === 200)).toHaveLength(5);
    expect(new Set(made.map(({ tokenHash }) => tokenHash)).size).toBe(2);
    expect(cluster.tokenManager?.status().counts).toMatchObject({ mint: 2, refused: 1 });
  });

  it('is not given to another process from the shared cache', async () => {
    await using world = await localWorld();
    const { eks, registry, env } = world;
    const path = await world.write('config', eks.kubeconfig({ profile: 'admin' }));
    const api = (await registry.registerByPath(path)).makeApiClient(CoreV1Api);
    await api.listNamespace();
    const refused = eks.requests.at(-1)?.tokenHash;
    await rotateKeys(world);
    await api.listNamespace();
    await using other = new ClusterRegistry({ env });
    await (await other.registerByPath(path)).makeApiClient(CoreV1Api).listNamespace();
    expect(eks.requests.at(-1)).toMatchObject({ status: 200 });
    expect(eks.requests.at(-1)?.tokenHash).not.toBe(refused);
  });

  it('ends in TOKEN_REJECTED after one retry where the new one is refused too', async () => {
    await using world = await localWorld();
    const { eks, registry } = world;
    const cluster = await registry.registerByPath(await world.write('config', eks.kubeconfig({ profile: 'admin' })));
    eks.revoke(eks.identities.admin.accessKeyId);
    const error = await cluster
      .makeApiClient(CoreV1Api)
      .listNamespace()
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'TOKEN_REJECTED',
      message: expect.stringMatching(
        /: it does not know this AWS identity, or the secret key is wrong, or the key is revoked\.$/,
      ),
      remedy: expect.stringMatching(
        /^Run `aws sts get-caller-identity --profile admin`\. If it fails, the credentials are wrong\. If it/,
      ),
    });
    const { name, code, message, remedy } = error as EKSAuthError;
    expect(JSON.parse(JSON.stringify({ error }))).toEqual({ error: { name, code, message, remedy } });
    expect(eks.requests.length).toBeLessThanOrEqual(2);
  });
});
