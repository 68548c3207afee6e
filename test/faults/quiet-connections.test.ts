import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { CoreV1Api } from '@kubernetes/client-node';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { quickRegistry, register } from '../support/quick-registry.ts';
import { emptyList, frame, scriptedServer } from '../support/scripted-server.ts';

const sleep = globalThis.setTimeout;
const LIST = '{"kind":"PodList","metadata":{"resourceVersion":"7"},"items":[]}';
const [PING, PONG] = [0x89, Buffer.from([0x8a, 0])];

/** Lets the clock of client and server go on, with time for what they send each other. */
async function pass(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 5) {
    await vi.advanceTimersByTimeAsync(5_000);
    await new Promise((resolve) => sleep(resolve, 1));
  }
}

async function waitFor(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => sleep(resolve, 1));
}

function stopTheClock(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
}
afterEach(() => {
  vi.useRealTimers();
});

describe('a connection that is only quiet', () => {
  it('is a watch of ten minutes that makes three requests at most', async () => {
    stopTheClock();
    await using server = await scriptedServer(({ path }, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' });
      if (!path.includes('watch=true')) return void response.end(LIST);
      response.flushHeaders();
      const seconds = Number(new URL(path, 'https://server').searchParams.get('timeoutSeconds'));
      setTimeout(() => response.end(), seconds * 1000);
    });
    await using registry = quickRegistry();
    // The clock runs faster than a handshake.
    const limits = { dialMs: Number.POSITIVE_INFINITY, handshakeMs: Number.POSITIVE_INFINITY };
    const how = { trustedServers: [server.trusted], limits };
    const cluster = await registry.registerEKSByString(server.kubeconfig, how);
    const core = cluster.makeApiClient(CoreV1Api);
    const informer = cluster.makeInformer('/api/v1/pods', (query) => core.listPodForAllNamespaces(query));
    const errors: unknown[] = [];
    informer.on('error', (error: unknown) => errors.push(error));
    void informer.start();
    const watches = () => server.seen.filter(({ path }) => path.includes('watch=true')).length;
    await waitFor(() => watches() === 1);
    await pass(600);
    expect([watches() <= 3, server.seen.length - watches(), errors]).toEqual([true, 1, []]);
    await informer.stop();
  });

  it.each(['answers', 'ignores'])('is a shell that lives for an hour, whose server %s pings', async (how) => {
    stopTheClock();
    let pings = 0;
    let say: () => void = () => undefined;
    await using server = await scriptedServer(
      (_request, response) => emptyList(response),
      (_request, socket, accept) => {
        accept();
        socket.on('data', (chunk: Buffer) => {
          if (chunk[0] !== PING) return;
          pings += 1;
          if (how === 'answers') socket.write(PONG);
        });
        say = () =>
          socket.write(Buffer.concat([frame(1, 'still here'), frame(3, '{"metadata":{},"status":"Success"}')]));
      },
    );
    await using registry = quickRegistry();
    const cluster = await register(registry, server);
    const stdout = new PassThrough();
    await cluster.makeExec().exec('default', 'pod', 'c', ['sh'], stdout, null, null, false);
    await pass(3_600);
    expect(pings).toBeGreaterThan(50);
    say();
    expect(await text(stdout)).toBe('still here');
  });

  it('is a list that takes 45 seconds, and is sent once', async () => {
    stopTheClock();
    await using server = await scriptedServer(
      (_request, response) => void setTimeout(() => emptyList(response), 45_000),
    );
    await using registry = quickRegistry();
    const cluster = await register(registry, server);
    const list = cluster.makeApiClient(CoreV1Api).listPodForAllNamespaces();
    await waitFor(() => server.seen.length > 0);
    await pass(50);
    expect((await list).items).toEqual([]);
    expect(server.seen.map(({ path }) => path)).toEqual(['/api/v1/pods']);
  });
});
