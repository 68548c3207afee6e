import { PassThrough } from 'node:stream';
import { inspect } from 'node:util';
import { CoreV1Api } from '@kubernetes/client-node';
import type { RegisterOptions } from 'ekspress';
import { describe, expect, it } from 'vitest';
import { localWorld } from '../../../support/local-cluster.ts';

describe('a cluster', () => {
  it('sends its user agent with every kind of request', async () => {
    await using world = await localWorld({ userAgent: 'of-the-registry/1' });
    const path = await world.write('config', world.eks.kubeconfig({ profile: 'admin' }));
    const cluster = await world.registry.registerEKSByPath(path, { userAgent: 'billing/1.4 (eu)' });
    await cluster.makeApiClient(CoreV1Api).listNamespace();
    await new Promise(
      (resolve) => void cluster.makeWatch().watch('/api/v1/pods', { timeoutSeconds: 1 }, () => {}, resolve),
    );
    await cluster
      .makeLog()
      .log('default', 'pod', 'c', new PassThrough())
      .catch(() => undefined);
    await cluster
      .makeExec()
      .exec('default', 'pod', 'c', 'id', null, null, null, false)
      .catch(() => undefined);
    await cluster.fetch('/version');
    expect(world.eks.requests.length).toBeGreaterThanOrEqual(5);
    expect(new Set(world.eks.requests.map(({ userAgent }) => userAgent))).toEqual(new Set(['billing/1.4 (eu)']));
    await cluster.fetch('/version', { headers: { 'User-Agent': 'other' } });
    expect(world.eks.requests.at(-1)?.userAgent).toBe('other');
    const second = await world.registry.registerEKSByPath(path, { id: 'second' });
    await second.fetch('/version');
    expect(world.eks.requests.at(-1)?.userAgent).toBe('of-the-registry/1');
  });

  it('keeps to its settings of TLS', async () => {
    await using world = await localWorld();
    const path = await world.write('config', world.eks.kubeconfig({ profile: 'admin' }));
    const list = async (tls: RegisterOptions['tls']) => {
      const cluster = await world.registry.registerEKSByPath(path, { tls, replace: true });
      return cluster.makeApiClient(CoreV1Api).listNamespace();
    };
    await list({ minVersion: 'TLSv1.3' });
    // In client-node 2.x the reason is the cause.
    const failure = await list({ ciphers: 'NO-SUCH-CIPHER' }).catch((error: unknown) => inspect(error));
    expect(failure).toMatch(/cipher/i);
  });

  it('takes no user agent with a line break, and no TLS option that weakens what is verified', async () => {
    await using world = await localWorld();
    const text = world.eks.kubeconfig({ profile: 'admin' });
    const refused = { code: 'INVALID_CONFIG' };
    for (const wrong of [
      { userAgent: 'a\r\nb: c' },
      { tls: { rejectUnauthorized: false } },
      { tls: { minVersion: 'TLSv1' } },
    ]) {
      const how = { trustedServers: [world.eks], ...(wrong as RegisterOptions) };
      await expect(world.registry.registerEKSByString(text, how)).rejects.toMatchObject(refused);
    }
  });
});
