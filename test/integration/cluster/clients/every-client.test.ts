import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Cluster } from '../../../../src/cluster/clients/cluster.ts';
import { quickRegistry, register } from '../../../support/quick-registry.ts';
import { emptyList, frame, scriptedServer, unauthorized } from '../../../support/scripted-server.ts';

const SUCCESS = JSON.stringify({ metadata: {}, status: 'Success' });
const FAILURE = JSON.stringify({ metadata: {}, status: 'Failure', message: 'command terminated with exit code 2' });

/** A server that refuses the first token it sees (or all), and then plays a pod, metrics and health. */
function server({ refuses = 'first' }: { refuses?: 'first' | 'all' } = {}) {
  const refused = new Set<string>();
  const isRefused = (authorization: string): boolean => {
    if (refuses === 'all' || refused.size === 0) refused.add(authorization);
    return refused.has(authorization);
  };
  return scriptedServer(
    ({ authorization, path }, response) => {
      if (isRefused(authorization)) return unauthorized(response);
      if (path.includes('/log')) return void response.writeHead(200).end('a line\n');
      if (path.startsWith('/readyz') || path.startsWith('/livez')) return void response.writeHead(404).end();
      if (path.startsWith('/healthz')) return void response.writeHead(503).end('not well');
      response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"kind":"PodMetricsList","items":[]}');
    },
    ({ authorization, path }, socket, accept) => {
      const refusal = ['HTTP/1.1 401 Unauthorized', `Date: ${new Date().toUTCString()}`, 'Content-Length: 0', '', ''];
      if (isRefused(authorization)) return void socket.end(refusal.join('\r\n'));
      accept();
      if (path.includes('/portforward')) {
        socket.write(Buffer.concat([frame(0, Buffer.from([0x1f, 0x90])), frame(1, Buffer.from([0x1f, 0x90]))]));
        socket.write(frame(0, 'from the port'));
        return;
      }
      if (path.includes('tar')) {
        socket.write(Buffer.concat([frame(2, 'tar: no such file'), frame(3, FAILURE)]));
        return;
      }
      socket.write(frame(1, 'hello'));
      if (path.includes('/exec')) socket.write(frame(3, SUCCESS));
    },
  );
}

/** What each way of calling gives where everything is well. */
const CALLS: Readonly<
  Record<string, { readonly call: (cluster: Cluster) => Promise<unknown>; readonly gives: unknown }>
> = {
  logs: {
    async call(cluster) {
      const stream = new PassThrough();
      await cluster.makeLog().log('default', 'pod', 'c', stream);
      return text(stream);
    },
    gives: 'a line\n',
  },
  exec: {
    async call(cluster) {
      const stdout = new PassThrough();
      await cluster.makeExec().exec('default', 'pod', 'c', ['id'], stdout, null, null, false);
      return text(stdout);
    },
    gives: 'hello',
  },
  attach: {
    async call(cluster) {
      const stdout = new PassThrough();
      const socket = await cluster.makeAttach().attach('default', 'pod', 'c', stdout, null, null, false);
      const [first] = await stdout.take(1).toArray();
      socket.close();
      return String(first);
    },
    gives: 'hello',
  },
  'port forwarding': {
    async call(cluster) {
      const output = new PassThrough();
      const forward = cluster.makePortForward();
      const socket = await forward.portForward('default', 'pod', [8080], output, null, new PassThrough());
      let seen = '';
      for await (const chunk of output) {
        seen += String(chunk);
        if (seen.endsWith('port')) break;
      }
      if (typeof socket !== 'function') socket.close();
      return seen;
    },
    gives: 'from the port',
  },
  metrics: {
    call: (cluster) => cluster.makeMetrics().getPodMetrics('default'),
    gives: { kind: 'PodMetricsList', items: [] },
  },
  health: { call: (cluster) => cluster.makeHealth().readyz({}), gives: false },
};

describe('a refused token', () => {
  it.each(Object.entries(CALLS))('is replaced under %s, with one more mint', async (_name, { call, gives }) => {
    await using api = await server();
    await using registry = quickRegistry();
    const cluster = await register(registry, api);
    expect(await call(cluster)).toEqual(gives);
    expect(cluster.tokenManager?.status().counts).toMatchObject({ mint: 2, refused: 1 });
    expect(new Set(api.seen.map(({ authorization }) => authorization)).size).toBe(2);
  });

  it.each(Object.entries(CALLS))(
    'is told as TOKEN_REJECTED under %s where the next one is refused too',
    async (_name, { call }) => {
      await using api = await server({ refuses: 'all' });
      await using registry = quickRegistry();
      const cluster = await register(registry, api);
      await expect(call(cluster)).rejects.toMatchObject({
        code: 'TOKEN_REJECTED',
        message: expect.stringContaining('the access key AKIAEXAMPLE'),
        remedy: expect.stringContaining('kubectl -n kube-system get configmap aws-auth'),
      });
      expect(api.seen).toHaveLength(2);
    },
  );
});

describe('a clock that is wrong', () => {
  it.each(Object.entries(CALLS))('is named where the server refuses a token under %s', async (_name, { call }) => {
    await using api = await server({ refuses: 'all' });
    await using registry = quickRegistry({}, -20);
    await expect(call(await register(registry, api))).rejects.toMatchObject({
      code: 'TOKEN_REJECTED',
      message: expect.stringContaining('the clock here is 20 minutes behind'),
    });
  });
});

describe('a web socket that does not open', () => {
  it.each(['exec', 'attach', 'port forwarding'])('fails under %s with an error that shows no token', async (name) => {
    const notFound = 'HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n';
    await using api = await scriptedServer(
      (_request, response) => emptyList(response),
      (_request, socket) => socket.end(notFound),
    );
    await using registry = quickRegistry();
    const cluster = await register(registry, api);
    const error = await CALLS[name]?.call(cluster).catch((failure: unknown) => failure);
    expect(error).toMatchObject({ message: 'Unexpected server response: 404' });
    const token = api.seen[0]?.authorization.replace('Bearer ', '');
    expect(token).toMatch(/^k8s-aws-v1\./);
    expect(inspect(error, { depth: 20, maxStringLength: null })).not.toContain(token);
    expect(error).toHaveProperty('target', null);
  });
});

describe('copying files', () => {
  it('fails at the caller, with what tar has said, and ends no process', async () => {
    await using api = await server();
    await using registry = quickRegistry();
    const cp = (await register(registry, api)).makeCp();
    const directory = await mkdtemp(join(tmpdir(), 'ekspress-cp-'));
    try {
      await writeFile(join(directory, 'file'), 'text');
      await expect(cp.cpToPod('default', 'pod', 'c', directory, '/tmp')).rejects.toThrow('tar: no such file');
      expect(await readFile(join(directory, 'file'), 'utf8')).toBe('text');
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('fails with TOKEN_REJECTED, and ends no process', async () => {
    await using api = await server({ refuses: 'all' });
    await using registry = quickRegistry();
    const cp = (await register(registry, api)).makeCp();
    await expect(cp.cpFromPod('default', 'pod', 'c', '/etc', tmpdir())).rejects.toMatchObject({
      code: 'TOKEN_REJECTED',
    });
  });
});

describe('the connections of a cluster', () => {
  it('are shared by all clients that speak HTTP', async () => {
    await using api = await server();
    await using registry = quickRegistry();
    const cluster = await register(registry, api);
    for (const name of ['metrics', 'logs', 'metrics', 'logs', 'metrics', 'logs']) await CALLS[name]?.call(cluster);

    // client-node 2.x may ask again before the end of the last answer has reached its pool.
    expect(api.connections).toBeLessThanOrEqual(2);
  });
});
