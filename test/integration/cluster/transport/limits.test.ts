import type { ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { CoreV1Api, Watch } from '@kubernetes/client-node';
import type { Cluster, ConnectionLimits } from 'ekspress';
import { describe, expect, it } from 'vitest';
import { askAPIServer } from '../../../../src/cli/identity/ask-api-server.ts';
import { quickRegistry } from '../../../support/quick-registry.ts';
import { relayTo } from '../../../support/relay.ts';
import { emptyList, type ScriptedServer, scriptedServer } from '../../../support/scripted-server.ts';

const PODS = '/api/v1/pods';

/** Registers a server with limits, perhaps at the port of a relay. */
async function clusterOf(server: ScriptedServer, limits: ConnectionLimits, port?: number) {
  const registry = quickRegistry();
  const url = port === undefined ? server.url : `https://127.0.0.1:${port}`;
  const trustedServers = [{ ...server.trusted, server: url }];
  const text = server.kubeconfig.replace(server.url, url);
  const cluster = await registry.registerEKSByString(text, { trustedServers, limits });
  return {
    cluster,
    list: () => cluster.makeApiClient(CoreV1Api).listNamespace(),
    [Symbol.asyncDispose]: () => registry.close(),
  };
}

function watched(cluster: Cluster, events: string[] = []): Promise<unknown> {
  return new Promise((resolve) => void cluster.watch().watch(PODS, {}, (phase) => events.push(phase), resolve));
}

function late(what: string) {
  return { code: 'TIMEOUT', message: expect.stringContaining(what) };
}

describe('a limit', () => {
  it('ends requests, watches and shells to a server that does not finish the TLS handshake', async () => {
    await using server = await scriptedServer((_request, response) => emptyList(response));
    await using relay = await relayTo(Number(new URL(server.url).port));
    relay.mute();
    await using world = await clusterOf(server, { handshakeMs: 50 }, relay.port);
    const handshake = late('for the TLS handshake of https://127.0.0.1');
    await expect(world.list()).rejects.toMatchObject(handshake);
    expect(await watched(world.cluster)).toMatchObject(handshake);
    const shell = world.cluster.makeExec().exec('ns', 'pod', 'c', 'id', new PassThrough(), null, null, false);
    await expect(shell).rejects.toMatchObject(handshake);
  });

  it('ends a request without an answer, and no watch, followed log or /proxy/ path', async () => {
    await using server = await scriptedServer(({ path }, response) => {
      if (path === '/api/v1/namespaces') return;
      setTimeout(() => (path.includes('/log') ? response.end('a line') : emptyList(response)), 200);
    });
    await using world = await clusterOf(server, { firstByteMs: 50 });
    await expect(world.list()).rejects.toMatchObject(late('for an answer of https://'));
    const log = new PassThrough();
    await world.cluster.makeLog().log('ns', 'pod', 'c', log, { follow: true });
    expect(await log.toArray()).toHaveLength(1);
    const core = world.cluster.makeApiClient(CoreV1Api);
    await core.connectGetNamespacedServiceProxyWithPath({ name: 'svc', namespace: 'ns', path: 'x' });
    expect(await watched(world.cluster)).toBeNull();
  });

  it.each([
    ['in the middle of a log', 'a line'],
    ['with the head of a log', ''],
  ])('ends the log, and not the process, where the server breaks off %s', async (_, line) => {
    await using server = await scriptedServer((_request, { socket }) => {
      const chunk = line === '' ? '' : `${line.length.toString(16)}\r\n${line}\r\n`;
      socket?.write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}not a length\r\n`);
    });
    await using world = await clusterOf(server, {});
    // Without a listener for 'error', which would get the reason.
    const log = new PassThrough().resume();
    const closed = new Promise((resolve) => log.once('close', () => resolve('closed')));
    await world.cluster.makeLog().log('ns', 'pod', 'c', log, { follow: true });
    expect(await closed).toBe('closed');
  });

  it('ends a watch whose first line comes with the head, and cannot be read', async () => {
    await using server = await scriptedServer((_request, { socket }) => {
      socket?.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot a length\r\n');
    });
    await using world = await clusterOf(server, {});
    expect(await watched(world.cluster)).toMatchObject({ message: expect.stringMatching(/./) });
    // As a part of client-node that ekspress does not make calls it.
    const ended = new Promise((resolve) => {
      void new Watch(world.cluster.kubeConfig).watch(PODS, {}, () => undefined, resolve);
    });
    expect(await ended).toMatchObject({ message: expect.stringMatching(/./) });
  });

  it('ends redirects that never end, in the time of one answer', async () => {
    let hops = 0;
    await using server = await scriptedServer(({ path }, response) => {
      hops += 1;
      setTimeout(() => response.writeHead(307, { location: `${server.url}${path}` }).end(), 100);
    });
    await using world = await clusterOf(server, { firstByteMs: 350 });
    await expect(world.list()).rejects.toMatchObject(late('for an answer of https://'));
    expect(hops).toBeLessThan(5);
  });

  it('ends an answer that stops in its middle', async () => {
    await using server = await scriptedServer((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' }).write('{"kind":"Li');
    });
    await using world = await clusterOf(server, { betweenBytesMs: 50 });
    await expect(world.list()).rejects.toMatchObject(late('for the rest of an answer'));
  });

  it.each([
    ['says nothing', '/x', (_response: ServerResponse) => {}, 'for an answer of https://'],
    [
      'stops in its answer',
      '/x',
      (response: ServerResponse) => void response.write('{"ki'),
      'for the rest of an answer',
    ],
    ['says nothing to a watch', '/x?watch=true', (_response: ServerResponse) => {}, 'for an answer of https://'],
    ['says nothing below /proxy/', '/proxy/x', (_response: ServerResponse) => {}, 'for an answer of https://'],
  ])('ends a list that was led to a server that %s', async (_name, path, answer, what) => {
    await using other = await scriptedServer((_request, response) => answer(response));
    let to = other.url;
    await using server = await scriptedServer(
      (request, response) => {
        if (request.path === path) answer(response);
        else response.writeHead(307, { location: `${to}${path}` }).end();
      },
      undefined,
      other.authority,
    );
    await using world = await clusterOf(server, { firstByteMs: 50, betweenBytesMs: 50 });
    await expect(world.list()).rejects.toMatchObject(late(what));
    await expect.poll(() => other.openConnections()).toBe(0);
    to = server.url;
    await expect(world.list()).rejects.toMatchObject(late(what));
  });

  it('is longer for one call that asks for it', async () => {
    await using server = await scriptedServer((_request, response) => void setTimeout(() => emptyList(response), 200));
    await using world = await clusterOf(server, { firstByteMs: 50 });
    await world.cluster.withLimits({ firstByteMs: 10_000 }, world.list);
    await expect(world.list()).rejects.toMatchObject(late('for an answer'));
  });

  it('ends a watch that falls silent after a bookmark, and none that was quiet from its beginning', async () => {
    const bookmark = '{"type":"BOOKMARK","object":{"kind":"Pod","metadata":{"resourceVersion":"1"}}}\n';
    await using server = await scriptedServer(({ path }, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' });
      if (path.startsWith(PODS)) response.write(bookmark);
      else response.flushHeaders();
    });
    await using world = await clusterOf(server, { watchSilenceMs: 50 });
    let quietEnded = false;
    void world.cluster.watch().watch(
      '/api/v1/nodes',
      {},
      () => {},
      () => {
        quietEnded = true;
      },
    );
    expect(await watched(world.cluster)).toMatchObject(late('for the next bookmark'));
    expect(quietEnded).toBe(false);
    expect(server.seen.at(-1)?.path).toMatch(/timeoutSeconds=(2[4-9]\d|3\d\d|4[0-7]\d|480)$/);
  });

  it('is refused where its name is misspelt', async () => {
    await using server = await scriptedServer((_request, response) => emptyList(response));
    await expect(clusterOf(server, { firstBytesMs: 1 } as ConnectionLimits)).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: expect.stringContaining('has no field "firstBytesMs". Did you mean "firstByteMs"'),
    });
  });
});

describe('a write', () => {
  it('goes over a new connection, where the kept one has not answered for long', async () => {
    await using server = await scriptedServer((_request, response) => emptyList(response));
    await using world = await clusterOf(server, { provenMs: 30 });
    await world.list();
    const pause = () => new Promise((resolve) => setTimeout(resolve, 60));
    await pause();
    const core = world.cluster.makeApiClient(CoreV1Api);
    await core.createNamespace({ body: { metadata: { name: 'new' } } });
    expect(server.connections).toBe(2);
  });
});

describe('an answer', () => {
  it('is an error where it is cut off before its end', async () => {
    await using server = await scriptedServer((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '1000' }).write('{"kind":"Li');
      setTimeout(() => response.socket?.end(), 20);
    });
    await using world = await clusterOf(server, {});
    await expect(world.list()).rejects.toThrow();
  });

  it.each(['closed', 'silent'])(
    'is an error, and ends no process, where its compressed body is cut off: %s',
    async (how) => {
      const uncaught: unknown[] = [];
      const note = (error: unknown) => uncaught.push(error);
      process.on('uncaughtExceptionMonitor', note);
      const items = Array.from({ length: 3_000 }, (_, index) => ({ metadata: { name: `${Math.sin(index)}` } }));
      const body = gzipSync(JSON.stringify({ kind: 'NamespaceList', items }));
      await using server = await scriptedServer((_request, response) => {
        const headers = { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' };
        response.writeHead(200, headers).write(body.subarray(0, body.length / 2));
        if (how === 'closed') setTimeout(() => response.socket?.destroy(), 20);
      });
      await using world = await clusterOf(server, { betweenBytesMs: 60 });
      await expect(world.list()).rejects.toThrow();
      await new Promise((resolve) => setTimeout(resolve, 20));
      process.off('uncaughtExceptionMonitor', note);
      expect(uncaught).toEqual([]);
    },
  );

  it('comes over another connection, where the kept one has fallen silent under a read', async () => {
    await using server = await scriptedServer((_request, response) => emptyList(response));
    await using relay = await relayTo(Number(new URL(server.url).port));
    await using world = await clusterOf(server, { silentMs: 50 }, relay.port);
    await world.list();
    relay.fallSilent();
    await world.list();
  });
});

it('The doctor sends no token over plain http', async () => {
  const cluster = { name: 'dev', server: 'http://127.0.0.1:9', skipTLSVerify: true };
  const signal = new AbortController().signal;
  await expect(askAPIServer(cluster, {}, { path: 'version', token: 'k8s-aws-v1.x', signal })).rejects.toMatchObject({
    code: 'SERVER_UNTRUSTED',
  });
});
