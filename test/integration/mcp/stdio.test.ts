import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MCPWorld, mcpWorld } from './mcp-world.ts';

let world: MCPWorld;
beforeAll(async () => {
  world = await mcpWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

describe('a model that talks to ekspress over stdio', () => {
  it('sees six tools with annotations, input and output schemas', async () => {
    await using session = await world.serve();
    const { tools } = await session.client.listTools();
    const seen = tools.map(({ name, annotations }) => [name, annotations?.readOnlyHint, annotations?.destructiveHint]);
    expect(seen).toEqual([
      ['register_eks_cluster', false, false],
      ['list_eks_clusters', true, undefined],
      ['describe_eks_cluster', true, undefined],
      ['unregister_eks_cluster', false, true],
      ['check_access', true, undefined],
      ['diagnose', true, undefined],
    ]);
    expect(tools.every(({ description, outputSchema }) => description && outputSchema?.type === 'object')).toBe(true);
    expect(tools[0]?.inputSchema).toMatchObject({
      properties: { kubeconfig: { type: 'string' }, cluster_id: { type: 'string' }, context: { type: 'string' } },
      required: ['kubeconfig'],
    });
    expect(session.client.getInstructions()).toContain('never shown');
  });

  it('registers a cluster from text, learns who it is and what it may do, and forgets it again', async () => {
    const { eks } = world;
    await using session = await world.serve({ trustedServers: [eks.server] });
    const registered = await session.call('register_eks_cluster', {
      kubeconfig: eks.kubeconfig({ profile: 'reader' }),
      cluster_id: 'dev',
    });
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
    expect((await session.call('list_eks_clusters')).value).toEqual({ clusters: [] });
    expect((await session.call('check_access', { cluster_id: 'dev' })).value).toEqual({
      code: 'INVALID_CONFIG',
      message: 'No cluster "dev" is registered.',
      remedy: 'Use an id of list_eks_clusters, or register the cluster with register_eks_cluster.',
    });
  });

  it('registers by path below a folder that the operator opened, and by a kubeconfig that the operator vouched for', async () => {
    const { eks, home } = world;
    await mkdir(join(home, 'open'), { recursive: true });
    await world.write('open/config', eks.kubeconfig({ profile: 'admin' }));
    const own = await world.write('own-config', eks.kubeconfig({ profile: 'reader' }));
    await using session = await world.serve({ roots: [join(home, 'open')], trustedKubeconfigs: [own] });
    const below = await session.call('register_eks_cluster', { kubeconfig: '~/open/config', cluster_id: 'below' });
    expect(below.value).toMatchObject({ cluster_id: 'below', profile: 'admin' });
    const vouched = await session.call('register_eks_cluster', { kubeconfig: own });
    expect(vouched.value).toMatchObject({ cluster_id: eks.clusterArn, profile: 'reader' });
    const who = await session.call('check_access', { cluster_id: 'below' });
    expect(who.value.username).toContain('admin');
  });

  it('is told the command to type where credentials are missing', async () => {
    const { eks } = world;
    await using session = await world.serve({ trustedServers: [eks.server] });
    const kubeconfig = eks.kubeconfig({ profile: 'nobody' });
    await session.call('register_eks_cluster', { kubeconfig, cluster_id: 'x' });
    const { failed, value } = await session.call('check_access', { cluster_id: 'x' });
    expect(failed).toBe(true);
    expect(value).toMatchObject({ code: 'PROFILE_NOT_FOUND', message: expect.stringContaining('nobody') });
    expect(value.remedy).toContain('nobody');
    const { value: found } = await session.call('diagnose', { cluster_id: 'x' });
    expect(found).toMatchObject({ healthy: false });
    expect(found.checks).toMatchObject([
      { name: 'token', status: 'failed', detail: expect.stringContaining('PROFILE_NOT_FOUND') },
      { name: 'api_server', status: 'skipped' },
      { name: 'clock', status: 'skipped' },
    ]);
    const described = await session.call('describe_eks_cluster', { cluster_id: 'x' });
    expect(described.value).toMatchObject({ failures: 2, last_failure: { code: 'PROFILE_NOT_FOUND' } });
  });

  it('is told of an API server that refuses the identity', async () => {
    const { eks } = world;
    await using session = await world.serve({ trustedServers: [eks.server] });
    const stranger = {
      accessKeyId: 'AKIASTRANGER00000000',
      secretAccessKey: 'stranger/EXAMPLEKEY/stranger/stranger00',
    };
    await world.write(
      '.aws/stranger',
      `[default]\naws_access_key_id=${stranger.accessKeyId}\naws_secret_access_key=${stranger.secretAccessKey}\n`,
    );
    await using other = await world.serve({
      trustedServers: [eks.server],
      env: { AWS_SHARED_CREDENTIALS_FILE: join(world.home, '.aws', 'stranger') },
    });
    await other.call('register_eks_cluster', { kubeconfig: eks.kubeconfig(), cluster_id: 'x' });
    const { value } = await other.call('check_access', { cluster_id: 'x' });
    expect(value).toMatchObject({ code: 'TOKEN_REJECTED', remedy: expect.stringContaining('list-access-entries') });
  });

  it('can cancel, and is not kept waiting by a server that never answers', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const server = `https://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    await using session = await world.serve({ trustedServers: [server], toolTimeoutMs: 500 });
    await session.call('register_eks_cluster', { kubeconfig: world.eks.kubeconfig({ server }), cluster_id: 'mute' });
    const cancel = new AbortController();
    const cancelled = session.call('check_access', { cluster_id: 'mute' }, cancel.signal);
    cancel.abort();
    await expect(cancelled).rejects.toThrow();
    const { value } = await session.call('check_access', { cluster_id: 'mute' });
    expect(value).toMatchObject({ code: 'TIMEOUT' });
    expect((await session.call('list_eks_clusters')).failed).toBe(false);
    silent.close();
  });

  it('that has gone leaves no process behind, and nothing but protocol was on stdout', async () => {
    const serve = fileURLToPath(new URL('serve.mjs', import.meta.url));
    const child = spawn(process.execPath, [serve], { env: { HOME: world.home }, stdio: ['pipe', 'pipe', 'inherit'] });
    let stdout = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    const clientInfo = { name: 'plain', version: '1' };
    const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo };
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params })}\nnot json at all\n`);
    while (!stdout.includes('\n')) await new Promise((resolve) => setTimeout(resolve, 5));
    child.stdin.end();
    expect(await new Promise((resolve) => child.on('exit', resolve))).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).jsonrpc)).toEqual(lines.map(() => '2.0'));
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      result: { protocolVersion: '2025-06-18', serverInfo: { name: 'ekspress' } },
    });
  });
});
