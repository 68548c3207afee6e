import { createServer, type Server } from 'node:net';
import { CoreV1Api } from '@kubernetes/client-node';
import { ClusterRegistry } from 'ekspress';
import { startLocalEKS } from 'ekspress/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FakeHome } from '../../support/fake-aws-home.ts';
import { kubeconfigText, TRUSTED } from '../../support/kubeconfig-text.ts';

let evil: Server;
let evilServer: string;
let connections = 0;

beforeAll(async () => {
  evil = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve));
  const address = evil.address();
  evilServer = `https://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
});
afterAll(() => {
  evil.close();
});

describe('a token', () => {
  it('is not made for a server that a string names beside the cluster', async () => {
    const home = new FakeHome().withStaticKeys();
    await using registry = new ClusterRegistry({ env: home.env });
    await expect(registry.registerByString(kubeconfigText({ server: evilServer }))).rejects.toMatchObject({
      code: 'SERVER_UNTRUSTED',
      remedy: expect.stringContaining('aws eks describe-cluster'),
    });
    expect(registry.list()).toEqual([]);
    expect(connections).toBe(0);
  });

  it('goes to the server that the caller has vouched for, and to no other', async () => {
    await using eks = await startLocalEKS();
    const home = new FakeHome();
    await eks.writeAWSFiles(home.directory);
    const trusted = { server: eks.server, certificateAuthorityData: eks.certificateAuthorityData };
    await using registry = new ClusterRegistry({ env: home.env, trustedServers: [{ ...trusted, profile: 'admin' }] });
    const text = eks.kubeconfig({ profile: 'admin' });
    const cluster = await registry.registerByString(text);
    await cluster.makeApiClient(CoreV1Api).listNamespace();
    expect(eks.requests.at(-1)).toMatchObject({ status: 200 });
    await expect(registry.registerByString(text.replace(eks.server, evilServer), { id: 'evil' })).rejects.toMatchObject(
      { code: 'SERVER_UNTRUSTED' },
    );
    expect(connections).toBe(0);
  });

  it.each([
    ['a server without TLS', { server: 'http://127.0.0.1:1' }, 'SERVER_UNTRUSTED'],
    ['a server whose certificate is not checked', { cluster: 'insecure-skip-tls-verify: true' }, 'SERVER_UNTRUSTED'],
    ['a proxy that the string names', { cluster: 'proxy-url: http://127.0.0.1:1' }, 'SERVER_UNTRUSTED'],
  ])('is not made for %s, also where the caller has vouched for the server', async (_, parts, code) => {
    const home = new FakeHome().withStaticKeys();
    await using registry = new ClusterRegistry({ env: home.env, trustedServers: [TRUSTED] });
    await expect(registry.registerByString(kubeconfigText(parts))).rejects.toMatchObject({ code });
    expect(registry.list()).toEqual([]);
  });
});
