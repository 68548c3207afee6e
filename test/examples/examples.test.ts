import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { expectOwnWordsOf, isDebugged } from '../support/own-words.ts';

const examples = fileURLToPath(new URL('../../examples', import.meta.url));

interface Run {
  readonly output: () => string;
  readonly ended: Promise<number | null>;
  stop(): void;
  /** Ctrl-C in a terminal. */
  interrupt(): void;
}

/** An example as a reader starts it, against three local clusters. */
function run(words: readonly string[], env: Readonly<Record<string, string>> = {}): Run {
  const child = spawn(process.execPath, ['on-local-eks.mjs', ...words], {
    cwd: examples,
    env: { ...process.env, ...env },
    // A group of its own, as a shell gives to each command.
    detached: true,
  });
  expectOwnWordsOf(child, isDebugged({ ...process.env, ...env }));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const interrupt = () => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGINT');
  };
  return { output: () => output, ended, stop: () => child.kill('SIGTERM'), interrupt };
}

/** Waits for a line of a program. What it has printed stands in the error. */
async function until(condition: () => boolean, output: () => string): Promise<void> {
  await vi.waitFor(() => expect(condition(), output()).toBe(true), { timeout: 60_000, interval: 20 });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

describe.concurrent('the examples, on local clusters', () => {
  it('list-pods shows the pods of every context', async () => {
    const { output, ended } = run(['list-pods/main.mjs']);
    expect(await ended).toBe(0);
    for (const name of ['dev', 'staging', 'prod']) expect(output()).toMatch(new RegExp(`cluster/${name}: \\d+ pods`));
  });

  it('argo-cd has the clusters of the Secrets of an Argo CD', async () => {
    const { output, ended } = run(['argo-cd/main.mjs']);
    expect(await ended, output()).toBe(0);
    for (const name of ['dev', 'staging', 'prod'])
      expect(output()).toMatch(new RegExp(`^${name}: \\d+ namespaces$`, 'm'));
  });

  it('backstage has the clusters of the catalog of a Backstage', async () => {
    const { output, ended } = run(['backstage/follow-catalog.mjs']);
    expect(await ended, output()).toBe(0);
    for (const name of ['dev', 'staging', 'prod'])
      expect(output()).toMatch(new RegExp(`^${name}: \\d+ namespaces$`, 'm'));
  });

  it('controller counts the pods of each namespace in every cluster, and stops when told to', async () => {
    const { output, ended, stop } = run(['controller/main.mjs']);
    await until(() => ['dev', 'staging', 'prod'].every((name) => output().includes(`${name}/default: 2 pods`)), output);
    stop();
    expect(await ended).toBe(0);
    expect(output()).toMatch(/stopped\n$/);
  });

  it('controller stops in order at Ctrl-C, which a terminal sends to all programs of a command', async () => {
    const { output, ended, interrupt } = run(['controller/main.mjs']);
    await until(() => ['dev', 'staging', 'prod'].every((name) => output().includes(`${name}/default: 2 pods`)), output);
    interrupt();
    expect(await ended).toBe(0);
    expect(output()).toMatch(/stopped\n$/);
  });

  it('ci deploys with the credentials of the job', async () => {
    const { output, ended } = run(['ci/deploy.mjs', 'arn:aws:eks:us-east-1:123456789012:cluster/prod', 'v7']);
    expect(await ended).toBe(0);
    expect(output()).toBe('prod: release v7 created\n');
  });

  it('ci says what to do when there are no credentials', async () => {
    const { output, ended } = run(['ci/deploy.mjs'], { AWS_PROFILE: 'gone' });
    expect(await ended).toBe(1);
    expect(output()).toMatch(/^::error title=PROFILE_NOT_FOUND::.*gone.*\n$/);
  });

  it('backstage hands out one credential for many requests', async () => {
    const { output, ended } = run(['backstage/main.mjs']);
    expect(await ended).toBe(0);
    expect(output().match(/4 namespaces, same token for the next request: true/g)).toHaveLength(3);
  });

  it('prometheus can be scraped', async () => {
    const port = await freePort();
    const { output, ended, stop } = run(['prometheus/main.mjs'], { PORT: `${port}` });
    await until(() => output().includes('/metrics'), output);
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    stop();
    expect(await ended).toBe(0);
    expect(text).toMatch(/ekspress_token_refreshes_total\{ekspress_cluster_id="arn:aws:eks:[^"]*cluster\/prod".*\} 1/);
  });

  it('mcp gives a model the clusters, and a tool beside ours', async () => {
    const { output, ended } = run(['mcp/client.mjs']);
    expect(await ended).toBe(0);
    expect(output()).toContain('count_pods');
    expect(output()).toMatch(/cluster\/prod: .*admin, may list pods: true, pods in default: 2/);
  });
});
