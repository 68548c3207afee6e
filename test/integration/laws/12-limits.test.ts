import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { CoreV1Api } from '@kubernetes/client-node';
import { getEKSToken, parseExecConfig, TokenManager } from 'ekspress';
import { describe, expect, it } from 'vitest';
import { FakeHome } from '../../support/fake-aws-home.ts';
import { isRunning } from '../../support/is-running.ts';
import { localWorld } from '../../support/local-cluster.ts';

const ARGS = ['--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'dev', '--profile', 'mfa'];

describe('the wait for a token', () => {
  it('ends with TIMEOUT where the original command never ends, and the command is killed', async () => {
    const home = new FakeHome().withMfaProfile();
    const pid = join(home.directory, 'pid');
    home.withAws(`echo $$ > '${pid}'; exec sleep 600`);
    const config = parseExecConfig({ command: 'aws', args: ARGS });
    const manager = new TokenManager(config, { env: home.env, execTimeoutMs: 500 });
    await expect(manager.getValidToken()).rejects.toMatchObject({
      code: 'TIMEOUT',
      remedy: expect.stringMatching(/./),
    });
    await expect.poll(() => isRunning(Number(readFileSync(pid, 'utf8')))).toBe(false);
  });

  it("ends with the reason of the caller's signal where the caller gives up", async () => {
    const home = new FakeHome().withProcess('sleep 600');
    const request = { clusterName: 'dev', region: 'us-east-1', profile: 'process', env: home.env };
    await expect(getEKSToken({ ...request, signal: AbortSignal.timeout(200) })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
  });

  it('ends where the proxy on the way to AWS accepts and is silent, when the caller gives up', async () => {
    await using silent = createServer((socket) => socket.on('error', () => undefined).resume()).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const address = silent.address();
    const home = new FakeHome()
      .withStaticKeys()
      .withConfig('[profile role]\nrole_arn = arn:aws:iam::123456789012:role/x\nsource_profile = default\n');
    const port = typeof address === 'object' ? address?.port : 0;
    const env = { ...home.env, HTTPS_PROXY: `http://127.0.0.1:${port}` };
    const request = { clusterName: 'dev', region: 'us-east-1', profile: 'role', env };
    await expect(getEKSToken({ ...request, signal: AbortSignal.timeout(200) })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
  });
});

describe('a healthy connection', () => {
  it('is not cut: a watch without events stays open and shows the next event', async () => {
    await using world = await localWorld();
    const { eks, registry } = world;
    const cluster = await registry.registerByPath(await world.write('config', eks.kubeconfig({ profile: 'admin' })));
    const seen: string[] = [];
    const watch = await cluster.watch();
    const controller = await watch.watch(
      '/api/v1/namespaces',
      {},
      (phase, object) => {
        seen.push(`${phase} ${object.metadata.name}`);
      },
      () => undefined,
    );
    await new Promise((after) => setTimeout(after, 300));
    await cluster.makeApiClient(CoreV1Api).createNamespace({ body: { metadata: { name: 'late' } } });
    await expect.poll(() => seen).toContain('ADDED late');
    controller.abort();
  });
});
