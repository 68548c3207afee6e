import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { CoreV1Api } from '@kubernetes/client-node';
import type { Cluster } from 'ekspress';
import { describe, expect, it, onTestFinished } from 'vitest';
import { askAPIServer } from '../../src/cli/identity/ask-api-server.ts';
import { createCertificateAuthority } from '../../src/testing/tls/certificate-authority.ts';
import { startSOCKSProxy, startTunnelProxy, type TestProxy } from '../support/proxies.ts';
import { quickRegistry } from '../support/quick-registry.ts';
import { emptyList, frame, scriptedServer } from '../support/scripted-server.ts';

/** A name that no machine looks up: only a proxy can lead there. */
const PLACE = 'api.behind.invalid:6443';
const SERVER = `https://${PLACE}`;

type Start = (port: number, authority: ReturnType<typeof createCertificateAuthority>) => Promise<TestProxy>;

const PROXIES: readonly (readonly [string, Start])[] = [
  ['an http proxy', (port) => startTunnelProxy({ port })],
  ['an https proxy', (port, authority) => startTunnelProxy({ port, certificate: authority.issue(['127.0.0.1']) })],
  ['a socks5 proxy', (port) => startSOCKSProxy({ port })],
  ['an http proxy with a password', (port) => startTunnelProxy({ port, credentials: 'us er:p@ss:word' })],
  ['a socks5 proxy with a password', (port) => startSOCKSProxy({ port, credentials: 'user:p%ss' })],
];

/** A server behind a proxy, whose certificate is for another name than that of the kubeconfig. */
async function behind(start: Start) {
  const authority = createCertificateAuthority('proxied');
  const server = await scriptedServer(
    ({ path }, response) => (path.includes('watch=') ? void response.writeHead(200).end() : emptyList(response)),
    (_request, socket, accept) => {
      accept();
      socket.write(Buffer.concat([frame(1, 'hello'), frame(3, '{"metadata":{},"status":"Success"}')]));
    },
    authority,
    ['inner.name'],
  );
  const proxy = await start(Number(new URL(server.url).port), authority);
  const home = await mkdtemp(join(tmpdir(), 'ekspress-proxies-'));
  const registry = quickRegistry();
  onTestFinished(async () => {
    await registry.close();
    await proxy[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    await rm(home, { recursive: true });
  });
  const register = async (fields: object): Promise<Cluster> => {
    const kubeconfig = JSON.parse(server.kubeconfig);
    Object.assign(kubeconfig.clusters[0].cluster, { server: SERVER, 'proxy-url': proxy.url, ...fields });
    const path = join(home, 'config');
    await writeFile(path, JSON.stringify(kubeconfig));
    return registry.registerEKSByPath(path, { replace: true });
  };
  const doctor = (fields: object) => {
    const caData = server.trusted.certificateAuthorityData;
    const cluster = { name: 'dev', server: SERVER, proxyUrl: proxy.url, caData, skipTLSVerify: false, ...fields };
    return askAPIServer(cluster, {}, { path: 'version', signal: AbortSignal.timeout(20_000) });
  };
  return { server, proxy, register, doctor };
}

/** A request, a watch and a web socket. */
async function useAll(cluster: Cluster): Promise<void> {
  await cluster.makeApiClient(CoreV1Api).listNamespace();
  const ended = await new Promise((resolve) => {
    void cluster.makeWatch().watch('/api/v1/pods', {}, () => {}, resolve);
  });
  expect(ended).toBeNull();
  const stdout = new PassThrough();
  await cluster.makeExec().exec('default', 'pod', 'c', ['id'], stdout, null, null, false);
  expect(await text(stdout)).toBe('hello');
}

describe('a server behind a proxy', () => {
  it.each(PROXIES)(
    'is reached by name through %s, with tls-server-name, by clients, shells and doctor',
    async (_, start) => {
      const { proxy, server, register, doctor } = await behind(start);
      await useAll(await register({ 'tls-server-name': 'inner.name' }));
      expect((await doctor({ tlsServerName: 'inner.name' })).status).toBe(200);
      expect(new Set(proxy.asked)).toEqual(new Set([PLACE]));
      expect(server.seen).toHaveLength(4);
    },
  );

  it.each(PROXIES)('is not trusted under another name through %s, unless the kubeconfig says so', async (_, start) => {
    const { server, register, doctor } = await behind(start);
    const cluster = await register({});
    const other = /does not match certificate|altnames/;
    // In client-node 2.x the reason is the cause.
    const failed = cluster.makeApiClient(CoreV1Api).listNamespace();
    expect(await failed.catch((error: unknown) => inspect(error))).toMatch(other);
    const shell = cluster.makeExec().exec('default', 'pod', 'c', ['id'], new PassThrough(), null, null, false);
    await expect(shell).rejects.toMatchObject({ message: expect.stringMatching(other) });
    await expect(doctor({})).rejects.toThrow(other);
    expect(server.seen).toEqual([]);

    const skipping = { 'insecure-skip-tls-verify': true, 'certificate-authority-data': undefined };
    await useAll(await register(skipping));
    expect((await doctor({ skipTLSVerify: true, caData: undefined })).status).toBe(200);
    expect(server.seen).toHaveLength(4);
  });

  it('is not reached through an https proxy that is not trusted', async () => {
    const stranger = createCertificateAuthority('stranger').issue(['127.0.0.1']);
    const { proxy, register } = await behind((port) => startTunnelProxy({ port, certificate: stranger }));
    const cluster = await register({ 'tls-server-name': 'inner.name' });
    await expect(cluster.makeApiClient(CoreV1Api).listNamespace()).rejects.toMatchObject({
      code: 'NETWORK',
      message: expect.stringContaining('cannot be reached'),
    });
    expect(proxy.asked).toEqual([]);
  });

  it.each([
    ['an http proxy', (port: number) => startTunnelProxy({ port, credentials: 'a:b' }), 'answers 407 to CONNECT'],
    [
      'a socks5 proxy',
      (port: number) => startSOCKSProxy({ port, credentials: 'a:b' }),
      'wants another user or password',
    ],
  ])('says so where %s wants a password', async (_, start, what) => {
    const { proxy, register } = await behind(async (port) => {
      const started = await start(port);
      return { ...started, url: started.url.replace('a:b@', ''), [Symbol.asyncDispose]: started[Symbol.asyncDispose] };
    });
    const cluster = await register({});
    await expect(cluster.makeApiClient(CoreV1Api).listNamespace()).rejects.toMatchObject({
      code: 'NETWORK',
      message: expect.stringContaining(`The proxy ${proxy.url} ${what}`),
      remedy: expect.stringContaining('proxy-url'),
    });
  });

  it('is refused where its name is too long for a socks5 proxy, which is asked for no other name', async () => {
    const { proxy, register } = await behind((port) => startSOCKSProxy({ port }));
    const name = `${'a.'.repeat(128)}evil`;
    const cluster = await register({ server: `https://${name}:6443` });
    await expect(cluster.fetch('/version')).rejects.toMatchObject({
      code: 'NETWORK',
      message: expect.stringContaining('takes no server name of more than 255 bytes'),
    });
    expect(proxy.asked).toEqual([]);
  });

  it('is refused where the password of its proxy cannot be read', async () => {
    const { register } = await behind((port) => startTunnelProxy({ port }));
    const cluster = await register({ 'proxy-url': 'http://user:%zz@127.0.0.1:9' });
    await expect(cluster.makeApiClient(CoreV1Api).listNamespace()).rejects.toMatchObject({
      code: 'INVALID_KUBECONFIG',
    });
  });
});
