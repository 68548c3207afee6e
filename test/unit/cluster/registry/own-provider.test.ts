import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { type AWSAuthProvider, attachEKSAuth, ClusterRegistry, EKSAuthError, Token, TokenManager } from 'ekspress';
import { type LocalEKS, startLocalEKS } from 'ekspress/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let eks: LocalEKS;
let registry: ClusterRegistry;
beforeAll(async () => {
  eks = await startLocalEKS();
  registry = new ClusterRegistry({ env: { HOME: '/nonexistent', PATH: '' } });
});
afterAll(async () => {
  await registry.close();
  await eks.close();
});

let keys = 0;
/** A new identity that the server accepts, and a manager of its tokens. */
function identity() {
  const accessKeyId = `AKIA${String(++keys).padStart(16, '0')}`;
  const { secretAccessKey } = eks.identities.admin;
  eks.addIdentity({ ...eks.identities.admin, name: `user-${keys}`, accessKeyId });
  const env = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
  return { accessKeyId, tokens: new TokenManager({ clusterName: 'dev', region: 'us-east-1' }, { env, cache: false }) };
}

/** A provider of the caller, which has another identity once the server has refused the first one. */
function provider() {
  const [first, second] = [identity(), identity()];
  const seen = { calls: 0, refused: [] as string[] };
  let { tokens } = first;
  const own: AWSAuthProvider = {
    async getToken(options) {
      seen.calls += 1;
      return tokens.getToken(options);
    },
    async refreshToken(options) {
      seen.calls += 1;
      return tokens.refreshToken(options);
    },
    async invalidate(token) {
      seen.refused.push(token);
      tokens = second.tokens;
    },
  };
  return { own, seen, first };
}

const register = (authProvider: AWSAuthProvider) =>
  registry.registerEKSByString(eks.kubeconfig(), { authProvider, replace: true, trustedServers: [eks] });

const broken = (getToken: () => unknown): AWSAuthProvider => ({
  getToken: async () => getToken() as Token,
  refreshToken: async () => getToken() as Token,
  invalidate: async () => undefined,
});

describe('an AWSAuthProvider of the caller', () => {
  it('is not said to have refreshed a token that it hands out again', async () => {
    const token = await identity().tokens.getToken();
    const refreshed: string[] = [];
    const authProvider = broken(() => token);
    const onRefreshed = (_token: Token, source: string) => refreshed.push(source);
    const manager = new TokenManager({ clusterName: 'dev' }, { authProvider, onRefreshed });
    expect([await manager.getToken(), await manager.refreshToken()]).toEqual([token, token]);
    expect(refreshed).toEqual(['provider']);
  });

  it('makes the tokens of a cluster, and is asked once for many requests', async () => {
    const { own, seen } = provider();
    const cluster = await register(own);
    const core = cluster.makeApiClient(CoreV1Api);
    await Promise.all(Array.from({ length: 20 }, () => core.listNamespace()));
    await core.listNamespace();
    expect(seen.calls).toBe(1);
    expect((await cluster.getToken()).token).toBe((await own.getToken()).token);
    expect(cluster.tokenManager.status()).toMatchObject({ source: 'provider', counts: { provider: 1, mint: 0 } });
  });

  it('is told of exactly the token that the server has refused, and the request succeeds with the next one', async () => {
    const { own, seen, first } = provider();
    const cluster = await register(own);
    const core = cluster.makeApiClient(CoreV1Api);
    const { token } = await cluster.getToken();
    eks.revoke(first.accessKeyId);
    await core.listNamespace();
    expect((await cluster.fetch('/version')).status).toBe(200);
    expect(seen.refused).toEqual([token]);
    expect((await cluster.getToken()).token).not.toBe(token);
  });

  it('is asked for a newer token where it hands out the refused one again', async () => {
    const [old, next] = [identity(), identity()];
    const cluster = await register({
      getToken: () => old.tokens.getToken(),
      refreshToken: () => next.tokens.getToken(),
      invalidate: async () => undefined,
    });
    await cluster.getToken();
    eks.revoke(old.accessKeyId);
    expect((await cluster.fetch('/version')).status).toBe(200);
  });

  it('is not asked at each request while it hands out one token until its end', async () => {
    let now = Date.now();
    const { token } = await identity().tokens.getToken();
    const [expiresAt, seen] = [new Date(now + 8 * 60_000), { calls: 0 }];
    const authProvider = broken(() => {
      seen.calls += 1;
      return new Token(token, expiresAt);
    });
    using manager = new TokenManager({ clusterName: 'dev' }, { authProvider, now: () => new Date(now) });
    for (; now < expiresAt.getTime() - 1_000; now += 1_000) {
      await manager.getToken();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(seen.calls).toBeGreaterThan(1);
    expect(seen.calls).toBeLessThan(30);
  });

  it('makes the tokens of an attached KubeConfig', async () => {
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromString(eks.kubeconfig());
    const { own, seen } = provider();
    using _attached = await attachEKSAuth(kubeConfig, { authProvider: own, env: {} });
    await kubeConfig.makeApiClient(CoreV1Api).listNamespace();
    expect(seen.calls).toBe(1);
  });

  it.each([
    [
      'fails',
      () => {
        throw new Error('no answer');
      },
      'NO_CREDENTIALS',
      'failed',
    ],
    [
      'fails with a code of its own',
      () => {
        throw new EKSAuthError('ACCESS_DENIED', 'Not for you.', { remedy: 'Ask.' });
      },
      'ACCESS_DENIED',
      'Not for you.',
    ],
    ['hands out nothing', () => undefined, 'NO_CREDENTIALS', 'no token that a header can hold'],
    [
      'hands out two lines',
      () => ({ token: 'a\nb', expiresAt: new Date() }),
      'NO_CREDENTIALS',
      'no token that a header can hold',
    ],
    ['hands out no end', () => ({ token: 'a' }), 'NO_CREDENTIALS', 'a token without a valid end'],
    ['hands out the past', () => new Token('a', new Date(0)), 'NO_CREDENTIALS', 'a token that ended at 1970'],
  ])('is named in the error where it %s', async (_, getToken, code, message) => {
    const cluster = await register(broken(getToken));
    await expect(cluster.getToken()).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });

  it('is refused before anything else where it lacks a method or stands beside credentials', async () => {
    const { invalidate: _, ...lacking } = provider().own;
    await expect(register(lacking as AWSAuthProvider)).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: expect.stringContaining('invalidate'),
    });
    const both = { authProvider: provider().own, credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };
    for (const wrong of [
      () => registry.registerEKSByString(eks.kubeconfig(), { ...both, trustedServers: [eks] }),
      async () => new TokenManager({ clusterName: 'dev' }, both),
    ]) {
      await expect(wrong()).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
    }
  });

  it('cannot be named in a kubeconfig for other programs', async () => {
    const cluster = await register(provider().own);
    await expect(cluster.writeKubeconfig('/nonexistent/kubeconfig')).rejects.toMatchObject({
      message: expect.stringContaining('authProvider'),
    });
  });
});
