import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MCPWorld, mcpWorld } from '../../support/mcp-cluster.ts';
import { PROGRAM, serveInChild } from '../../support/mcp-process.ts';
import { expectOwnWords } from '../../support/own-words.ts';

let world: MCPWorld;
beforeAll(async () => {
  world = await mcpWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

describe('a model that talks to `ekspress mcp`', () => {
  it('registers a cluster from text, learns its identity and permissions, and forgets it again', async () => {
    const { eks } = world;
    await using session = await serveInChild(world.env, []);
    const { tools } = await session.client.listTools();
    expect(tools).toHaveLength(6);
    expect(session.client.getInstructions()).toContain('never shown');
    const kubeconfig = eks.kubeconfig({ profile: 'reader' });
    const registered = await session.call('register_eks_cluster', { kubeconfig, cluster_id: 'dev' });
    expect(registered.value).toEqual({
      cluster_id: 'dev',
      cluster_name: 'dev',
      region: 'us-east-1',
      server: eks.server,
      context: eks.clusterArn,
      profile: 'reader',
      token: { state: 'empty' },
    });
    expect(eks.requests).toEqual([]);

    const access = await session.call('check_access', { cluster_id: 'dev', verb: 'list', resource: 'pods' });
    expect(access.value).toMatchObject({
      username: expect.stringContaining('reader'),
      action: { verb: 'list', resource: 'pods', allowed: true },
    });
    const write = await session.call('check_access', { cluster_id: 'dev', verb: 'delete', resource: 'pods' });
    expect(write.value).toMatchObject({ action: { allowed: false } });

    const healthy = await session.call('diagnose', { cluster_id: 'dev' });
    expect(healthy.value).toMatchObject({ healthy: true });
    expect(healthy.value.checks).toMatchObject([
      { name: 'token', status: 'ok' },
      { name: 'api_server', status: 'ok' },
      { name: 'clock' },
    ]);
    const described = await session.call('describe_eks_cluster', { cluster_id: 'dev' });
    expect(described.value).toMatchObject({ token: { state: 'valid' }, token_source: 'mint', tokens_obtained: 1 });
    const listed = await session.call('list_eks_clusters');
    expect(listed.value.clusters).toMatchObject([{ cluster_id: 'dev', token: { state: 'valid' } }]);

    expect((await session.call('unregister_eks_cluster', { cluster_id: 'dev' })).value.unregistered).toBe(true);
    expect((await session.call('list_eks_clusters')).value).toEqual({
      clusters: [],
      available: [],
      next_step: expect.stringContaining('--trust-kubeconfig'),
    });
  });

  it('has the operator told on stderr of a root that is not a folder', async () => {
    const child = spawn(process.execPath, [PROGRAM, 'mcp', '--root', `${world.home}/nope`, '--root', world.home], {
      env: world.env,
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    let stderr = '';
    for await (const chunk of child.stderr) {
      stderr += chunk;
      if (stderr.includes('\n')) child.stdin.end();
    }
    expect(stderr).toContain('a root is not a folder');
    expect(stderr).toContain(`${world.home}/nope`);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('can cancel what a server never answers, and go on', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const server = `https://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    await using session = await serveInChild(world.env, [
      '--trust-server',
      `${server}=${await world.write('ca.pem', world.eks.certificateAuthority)}`,
    ]);
    await session.call('register_eks_cluster', { kubeconfig: world.eks.kubeconfig({ server }), cluster_id: 'mute' });
    const cancel = new AbortController();
    const connected = new Promise((resolve) => silent.once('connection', resolve));
    const cancelled = session.call('check_access', { cluster_id: 'mute' }, cancel.signal);
    await connected;
    cancel.abort();
    await expect(cancelled).rejects.toThrow();
    expect((await session.call('list_eks_clusters')).value.clusters).toMatchObject([{ cluster_id: 'mute' }]);
    silent.close();
  });

  it('leaves no process behind when it goes; nothing but protocol was on stdout', async () => {
    const child = spawn(process.execPath, [PROGRAM, 'mcp'], { env: world.env, stdio: ['pipe', 'pipe', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    let stdout = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    const clientInfo = { name: 'plain', version: '1' };
    const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo };
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params })}\nnot json at all\n`);
    while (!stdout.includes('\n')) await new Promise((resolve) => setTimeout(resolve, 5));
    child.stdin.end();
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0);
    // The log of a server shows its warnings.
    expectOwnWords(stderr, { debug: true });
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).jsonrpc)).toEqual(lines.map(() => '2.0'));
    const serverInfo = { name: 'ekspress' };
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ result: { protocolVersion: '2025-06-18', serverInfo } });
  });

  it('has no server trusted by AWS where the operator says --no-describe-cluster', async () => {
    await using session = await serveInChild(world.env, ['--no-describe-cluster']);
    const before = world.aws.calls.length;
    const { value } = await session.call('register_eks_cluster', { kubeconfig: world.eks.kubeconfig() });
    expect(value).toMatchObject({ code: 'SERVER_UNTRUSTED', remedy: expect.stringContaining('--trust-kubeconfig') });
    expect(world.aws.calls.length).toBe(before);
  });

  it('cannot start it with options that mean nothing', () => {
    const start = (...options: string[]) =>
      spawnSync(process.execPath, [PROGRAM, 'mcp', ...options], { env: world.env, encoding: 'utf8' });
    const empty = start('--root', '');
    expect(empty).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('--root needs a value') });
    const noAuthority = start('--trust-server', 'https://example.com');
    expect(noAuthority).toMatchObject({ status: 2, stderr: expect.stringContaining('no certificate authority') });
    const noURL = start('--trust-server', `example.com=${PROGRAM}`);
    expectOwnWords(noURL.stderr);
    expect(noURL).toMatchObject({ status: 1, stdout: '', stderr: expect.stringContaining('example.com') });
  });
});
