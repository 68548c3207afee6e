import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { KubeConfig } from '@kubernetes/client-node';
import { attachEKSAuth, type EKSAuthError } from 'ekspress';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { seenByCluster } from '../../src/cli/identity/seen-by-cluster.ts';
import type { ClusterEntry } from '../../src/kubeconfig/read/kubeconfig-file.ts';
import { listen } from '../../src/testing/listener.ts';
import { type CertificateAuthority, createCertificateAuthority } from '../../src/testing/tls/certificate-authority.ts';
import { openTools } from '../support/mcp-session.ts';
import { quickRegistry, register } from '../support/quick-registry.ts';
import {
  emptyList,
  type ScriptedServer,
  type SeenRequest,
  scriptedServer,
  tokensAt,
  unauthorized,
} from '../support/scripted-server.ts';
import { PLAIN_WAYS, WAYS, type Way } from '../support/ways-out.ts';

const ENV = { HOME: '/nonexistent', AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'x' };

/** The beginning of the paths that the stranger chooses. */
const CHOSEN = '/of-the-stranger';

let authority: CertificateAuthority;
/** The stranger, whose certificate every client here accepts, and who accepts every request. It also reads plain http. */
let evil: ScriptedServer;
let plain: { readonly port: number; close(): Promise<void> };
let plainRequests: string[];
/** Where the stranger sends requests; undefined: it answers them. */
let onward: ((request: SeenRequest) => string) | undefined;

beforeAll(async () => {
  authority = createCertificateAuthority('evil');
  evil = await scriptedServer(
    (request, response) => {
      if (onward) response.writeHead(307, { location: onward(request) }).end();
      else if (request.path.includes('watch=')) response.writeHead(200).end();
      else emptyList(response);
    },
    (_request, _socket, accept) => accept(),
    authority,
    ['127.0.0.1', 'localhost'],
  );
  plainRequests = [];
  plain = await listen((request, response) => {
    plainRequests.push(request.rawHeaders.join('\n'));
    emptyList(response);
  });
});
afterAll(async () => {
  await evil[Symbol.asyncDispose]();
  await plain.close();
});

const port = () => new URL(evil.url).port;

/** A server that answers every request, that for a web socket too, with a redirect. */
function redirecting(location: (request: SeenRequest) => string, refusesFirst = false): Promise<ScriptedServer> {
  const refused = new Set<string>();
  const isFirst = ({ path }: SeenRequest): boolean => refusesFirst && !refused.has(path) && refused.add(path).size > 0;
  return scriptedServer(
    (request, response) => {
      if (isFirst(request)) unauthorized(response);
      else response.writeHead(307, { location: location(request) }).end();
    },
    (request, socket: Duplex) => {
      const status = isFirst(request) ? '401 Unauthorized' : `307 Temporary Redirect\r\nLocation: ${location(request)}`;
      socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
    },
    authority,
  );
}

/** Servers of a cluster that lead to the stranger. */
const LEADS: Readonly<Record<string, () => Promise<ScriptedServer>>> = {
  'redirects to another port': () => redirecting(({ path }) => `${evil.url}${path}`),
  'redirects to another name': () => redirecting(({ path }) => `https://localhost:${port()}${path}`),
  'redirects to a URL with a user': () => redirecting(({ path }) => `https://a:b@127.0.0.1:${port()}${path}`),
  'redirects to plain http': () => redirecting(({ path }) => `http://127.0.0.1:${plain.port}${path}`),
  'refuses the token, then redirects': () => redirecting(({ path }) => `${evil.url}${path}`, true),
};

/** Goes every way, and tells which of them sent no token to the server of the cluster. Most ways fail in the end. */
async function goAll<From>(ways: Readonly<Record<string, Way<From>>>, from: From, good: ScriptedServer) {
  const silent: string[] = [];
  for (const [name, go] of Object.entries(ways)) {
    const before = tokensAt(good);
    await go(from).catch(() => undefined);
    if (tokensAt(good) === before) silent.push(name);
  }
  return silent;
}

describe.each(Object.entries(LEADS))('A server that %s', (_, lead) => {
  it('gives the stranger no token by any way out of a cluster', async () => {
    await using good = await lead();
    await using registry = quickRegistry();
    expect(await goAll(WAYS, await register(registry, good), good)).toEqual([]);
    expect([tokensAt(evil), plainRequests]).toEqual([0, []]);
  });

  it('gives the stranger no token by any way out of an attached KubeConfig', async () => {
    await using good = await lead();
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromString(good.kubeconfig);
    const attached = await attachEKSAuth(kubeConfig, { env: ENV, cache: false, trustedServers: [good.trusted] });
    onTestFinished(() => attached.detach());
    expect(await goAll(PLAIN_WAYS, kubeConfig, good)).toEqual([]);
    expect([tokensAt(evil), plainRequests]).toEqual([0, []]);
  });
});

it('A request that a stranger sends back to the server of the cluster arrives there without a token', async () => {
  await using good = await scriptedServer(
    ({ path }, response) => {
      if (path.startsWith(CHOSEN)) emptyList(response);
      else response.writeHead(307, { location: `${evil.url}${path}` }).end();
    },
    undefined,
    authority,
  );
  await using registry = quickRegistry();
  const cluster = await register(registry, good);
  onward = ({ path }) => `${good.url}${CHOSEN}${path}`;
  onTestFinished(() => {
    onward = undefined;
  });
  await goAll(WAYS, cluster, good);
  const chosen = good.seen.filter(({ path }) => path.startsWith(CHOSEN));
  expect(chosen.length).toBeGreaterThan(0);
  expect([tokensAt({ seen: chosen }), tokensAt(evil)]).toEqual([0, 0]);
});

/** A port whose connections lead to one server, and later to another one. */
async function switchboard(first: string): Promise<{ url: string; lead(to: string): void } & AsyncDisposable> {
  let target = first;
  const sockets = new Set<Socket>();
  const server: Server = createServer((client) => {
    const there = connect(Number(new URL(target).port), '127.0.0.1');
    for (const socket of [client, there]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
    }
    client.pipe(there).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `https://127.0.0.1:${Object(server.address()).port}`,
    lead(to) {
      target = to;
      cut();
    },
    async [Symbol.asyncDispose]() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

it('A stranger at the address of a cluster, with a certificate of its own, gets no token by any way', async () => {
  await using good = await scriptedServer(
    (_request, response) => emptyList(response),
    (_request, _socket, accept) => accept(),
  );
  await using board = await switchboard(good.url);
  await using registry = quickRegistry();
  const trusted = { ...good.trusted, server: board.url };
  const kubeconfig = good.kubeconfig.replace(good.url, board.url);
  const cluster = await registry.registerEKSByString(kubeconfig, { trustedServers: [trusted] });
  await cluster.fetch('/version');
  board.lead(evil.url);
  const before = evil.seen.length;
  expect(await goAll(WAYS, cluster, good)).toEqual(Object.keys(WAYS));
  expect([evil.seen.length, tokensAt(evil), tokensAt(good)]).toEqual([before, 0, 1]);
});

/** A proxy that does as it likes with a connection, and keeps what it has read. */
async function evilProxy(answer: string, then: (client: Socket) => void) {
  let read = '';
  let calls = 0;
  const server = createServer((client) => {
    calls += 1;
    client.on('error', () => client.destroy());
    client.once('data', (head) => {
      read += head;
      client.write(answer);
      then(client);
      client.on('data', (bytes) => {
        read += bytes;
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return {
    url: `http://127.0.0.1:${Object(server.address()).port}`,
    tokens: () => read.split('k8s-aws-v1.').length - 1,
    calls: () => calls,
  };
}

const TUNNEL = 'HTTP/1.1 200 Connection established\r\n\r\n';
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}';

describe.each([
  ['leads to the stranger', () => TUNNEL, (client: Socket) => client.pipe(connect(Number(port()))).pipe(client)],
  ['answers in plain http', () => TUNNEL, (client: Socket) => client.write(OK)],
  ['answers CONNECT as if it were the server', () => OK, (client: Socket) => client.end()],
  ['redirects CONNECT', () => `HTTP/1.1 307 X\r\nLocation: ${evil.url}/\r\nContent-Length: 0\r\n\r\n`, () => {}],
])('A proxy that %s', (_, answer, then) => {
  it('gets no token by any way out of a cluster', async () => {
    const place = 'https://api.behind.invalid:6443';
    const proxy = await evilProxy(answer(), (client) => void then(client));
    await using good = await scriptedServer((_request, response) => emptyList(response));
    await using registry = quickRegistry({ HTTPS_PROXY: proxy.url });
    const cluster = await registry.registerEKSByString(good.kubeconfig.replace(good.url, place), {
      trustedServers: [{ ...good.trusted, server: place }],
    });
    await goAll(WAYS, cluster, good);
    expect(proxy.calls()).toBeGreaterThanOrEqual(Object.keys(WAYS).length);
    expect([proxy.tokens(), tokensAt(evil)]).toEqual([0, 0]);
  });
});

describe('The doctor', () => {
  const token = 'k8s-aws-v1.x';
  const clusterAt = ({ trusted }: ScriptedServer, server = trusted.server): ClusterEntry => ({
    name: 'dev',
    server,
    caData: trusted.certificateAuthorityData,
    skipTLSVerify: false,
  });
  const ask = (cluster: ClusterEntry) => seenByCluster(cluster, {}, { token, signal: AbortSignal.timeout(20_000) });

  it.each(Object.entries(LEADS))('gives the stranger no token, where the server %s', async (_, lead) => {
    await using good = await lead();
    await ask(clusterAt(good));
    expect([tokensAt(good), tokensAt(evil), plainRequests]).toEqual([1, 0, []]);
  });

  it('reads an answer no further than 1 MiB', async () => {
    await using endless = await scriptedServer((_request, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write(' '.repeat(64 * 1024)), 1);
      response.on('close', () => clearInterval(timer));
    });
    await expect(ask(clusterAt(endless))).rejects.toThrow('The answer of the API server is longer than 1 MiB.');
  });

  it('sends no token over plain http, nor to a stranger at the address of a cluster', async () => {
    await using good = await scriptedServer((_request, response) => emptyList(response));
    await expect(ask(clusterAt(good, `http://127.0.0.1:${plain.port}`))).rejects.toMatchObject({
      code: 'SERVER_UNTRUSTED',
    });
    await expect(ask(clusterAt(good, evil.url))).rejects.toThrow();
    expect([tokensAt(evil), plainRequests]).toEqual([0, []]);
  });
});

it.each(Object.entries(LEADS))('No MCP tool gives the stranger a token, where a server %s', async (_, lead) => {
  await using good = await lead();
  const trustedServers = [{ ...good.trusted, clusterName: 'dev' }];
  await using session = await openTools({ env: ENV, cache: false, describeClusters: false, trustedServers });
  const { failed } = await session.call('register_eks_cluster', { kubeconfig: good.kubeconfig });
  expect(failed).toBe(false);
  for (const tool of ['check_access', 'diagnose', 'describe_eks_cluster']) {
    await session.call(tool, { cluster_id: 'dev' });
    await session.call(tool, { cluster_id: 'dev', verb: 'get', resource: 'pods' });
  }
  expect(tokensAt(good)).toBeGreaterThan(0);
  expect([tokensAt(evil), plainRequests]).toEqual([0, []]);
});

it.each([
  ['the server', (text: string) => text.replace(/"server":"[^"]*"/, `"server":${JSON.stringify(evil.url)}`)],
  [
    'the authority',
    (text: string) =>
      text.replace(
        /"certificate-authority-data":"[^"]*"/,
        `"certificate-authority-data":"${evil.trusted.certificateAuthorityData}"`,
      ),
  ],
  [
    'the verification',
    (text: string) => text.replace(/"certificate-authority-data":"[^"]*"/, '"insecure-skip-tls-verify":true'),
  ],
])('A followed kubeconfig in which %s becomes the stranger’s leads no token there', async (_, change) => {
  await using good = await scriptedServer(
    (_request, response) => emptyList(response),
    (_request, _socket, accept) => accept(),
  );
  await using board = await switchboard(good.url);
  const home = await mkdtemp(join(tmpdir(), 'ekspress-evil-'));
  onTestFinished(() => rm(home, { recursive: true }));
  const path = join(home, 'config');
  const text = good.kubeconfig.replace(good.url, board.url);
  await writeFile(path, text);
  await using registry = quickRegistry();
  const trustedServers = [{ ...good.trusted, server: board.url }];
  const cluster = await registry.registerEKSByPath(path, { trustedServers });
  const refused = new Promise<EKSAuthError>((resolve) => registry.on('changeRefused', ({ error }) => resolve(error)));
  await cluster.fetch('/version');
  await writeFile(path, change(text));
  board.lead(evil.url);
  await goAll(WAYS, cluster, good);
  expect(await refused).toMatchObject({ code: 'SERVER_UNTRUSTED' });
  await goAll(WAYS, cluster, good);
  expect(tokensAt(evil)).toBe(0);
});
