import { rename, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { CoreV1Api } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { startLocalEKS } from '../../../../src/testing/index.ts';
import { localWorld } from '../../../support/local-cluster.ts';

/** A proxy (CONNECT) that leads every name to one port of this machine, and notes what it was asked for. */
async function startProxy(port: number) {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', (head) => {
      asked.push(/^CONNECT (\S+)/.exec(String(head))?.[1] ?? '');
      const target = connect(port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        socket.pipe(target).pipe(socket);
      });
      target.on('error', () => socket.destroy());
      sockets.add(target);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    asked,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('the proxy of a request', () => {
  it('is that of the environment for a name that only it knows, and left when it is gone', async () => {
    const env: Record<string, string> = {};
    await using world = await localWorld({ env });
    const { eks, home, registry } = world;
    await using proxy = await startProxy(Number(new URL(eks.server).port));
    await using other = await startProxy(Number(new URL(eks.server).port));
    Object.assign(env, { HOME: home, PATH: '/nonexistent', HTTPS_PROXY: proxy.url });
    const text = eks
      .kubeconfig({ profile: 'admin', server: 'https://api.example' })
      .replace('server: https://api.example', 'server: https://api.example\n    tls-server-name: localhost');
    const cluster = await registry.registerByPath(await world.write('config', text));
    const api = cluster.makeApiClient(CoreV1Api);
    for (let index = 0; index < 5; index += 1) await api.listNamespace();
    // client-node 2.x may ask again before the end of the last answer has reached its pool.
    expect(proxy.asked.length).toBeLessThanOrEqual(2);
    expect(new Set(proxy.asked)).toEqual(new Set(['api.example:443']));
    const before = proxy.asked.length;
    env.HTTPS_PROXY = other.url;
    await api.listNamespace();
    expect([proxy.asked.length, other.asked.length]).toEqual([before, 1]);
    env.NO_PROXY = 'example';
    await expect(api.listNamespace()).rejects.toThrow();
    expect([proxy.asked.length, other.asked.length]).toEqual([before, 1]);
  });

  it('is that of the kubeconfig before that of the environment', async () => {
    await using world = await localWorld();
    const { eks, env, registry } = world;
    await using proxy = await startProxy(Number(new URL(eks.server).port));
    Object.assign(env, { HTTPS_PROXY: 'http://127.0.0.1:1' });
    const text = eks
      .kubeconfig({ profile: 'admin', server: 'https://api.example' })
      .replace(
        'server: https://api.example',
        `server: https://api.example\n    tls-server-name: localhost\n    proxy-url: ${proxy.url}`,
      );
    const cluster = await registry.registerByPath(await world.write('config', text));
    await cluster.makeApiClient(CoreV1Api).listNamespace();
    expect(proxy.asked).toEqual(['api.example:443']);
  });
});

describe('a file of certificates', () => {
  it('is read again after it was replaced, for requests that come later', async () => {
    await using world = await localWorld();
    const { eks, home, registry } = world;
    await using stranger = await startLocalEKS();
    const file = join(home, 'ca.pem');
    await writeFile(file, eks.certificateAuthority);
    const text = eks
      .kubeconfig({ profile: 'admin' })
      .replace(/certificate-authority-data: .*/, `certificate-authority: ${file}`);
    const cluster = await registry.registerByPath(await world.write('config', text));
    const api = cluster.makeApiClient(CoreV1Api);
    const replace = async (certificate: string) => {
      await writeFile(`${file}.new`, certificate);
      await rename(`${file}.new`, file);
    };
    await api.listNamespace();
    await replace(stranger.certificateAuthority);
    await expect(api.listNamespace()).rejects.toThrow();
    await replace(eks.certificateAuthority);
    await api.listNamespace();
  });
});
