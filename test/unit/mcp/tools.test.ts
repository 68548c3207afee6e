import { mkdir } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createEKSTools } from 'ekspress/mcp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ClusterRegistry } from '../../../src/cluster/registry/registry.ts';
import { KnownWords } from '../../../src/mcp/known-words.ts';
import { MCPClusters } from '../../../src/mcp/mcp-clusters.ts';
import { type MCPWorld, mcpWorld } from '../../support/mcp-cluster.ts';
import { openTools } from '../../support/mcp-session.ts';

/** For what happens in its own time, on a machine that may be busy. */
const WITHIN = { timeout: 15_000, interval: 5 };

let world: MCPWorld;
beforeAll(async () => {
  world = await mcpWorld();
  expect(world.eks.kubeconfig()).toMatch(/^ +- dev$/m);
});
afterAll(() => world[Symbol.asyncDispose]());

/** The kubeconfig with another cluster's name for the tokens, on the same server. */
const forCluster = (name: string) => world.eks.kubeconfig().replace(/^( +- )dev$/m, `$1${name}`);

/** A server of the operator, with the authority of the world's clusters. */
const trusted = (server: string) => ({
  server,
  certificateAuthorityData: world.eks.certificateAuthorityData,
});

/** Where somebody listened a moment ago. */
async function closedPort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return `https://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
}

describe('the tools for models', () => {
  it('carry annotations, input and output schemas', async () => {
    await using session = await openTools({ env: world.env });
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
    });
    expect(tools[0]?.inputSchema.required ?? []).toEqual([]);
  });

  it('register by path below a folder that the operator opened, and by a kubeconfig that the operator vouched for', async () => {
    const { eks, home, env } = world;
    await mkdir(join(home, 'open'));
    await world.write('open/config', eks.kubeconfig({ profile: 'admin' }));
    const own = await world.write('own-config', eks.kubeconfig({ profile: 'reader' }));
    await using session = await openTools({ env, roots: ['~/open'], trustedKubeconfigs: [own] });
    const below = await session.call('register_eks_cluster', { kubeconfig: '~/open/config', cluster_id: 'below' });
    expect(below.value).toMatchObject({ cluster_id: 'below', profile: 'admin' });
    const vouched = await session.call('register_eks_cluster', { kubeconfig: own });
    expect(vouched.value).toMatchObject({ cluster_id: eks.clusterArn, profile: 'reader' });
    const who = await session.call('check_access', { cluster_id: 'below' });
    expect(who.value.username).toContain('admin');
  });

  it('ask AWS which server a cluster has, where the operator has said nothing', async () => {
    const { aws, eks, env } = world;
    const before = aws.count('DescribeCluster');
    await using session = await openTools({ env });
    const registered = await session.call('register_eks_cluster', { kubeconfig: eks.kubeconfig(), cluster_id: 'dev' });
    expect(registered.value).toMatchObject({ cluster_id: 'dev' });
    expect(aws.count('DescribeCluster')).toBe(before + 1);
    const elsewhere = eks.kubeconfig({ server: 'https://evil.example' });
    const refused = await session.call('register_eks_cluster', { kubeconfig: elsewhere, cluster_id: 'evil' });
    expect(refused.value).toMatchObject({ code: 'SERVER_UNTRUSTED', message: expect.stringContaining('evil.example') });
    const unknown = await session.call('register_eks_cluster', { kubeconfig: forCluster('prod'), cluster_id: 'prod' });
    expect(unknown.value).toMatchObject({
      code: 'CLUSTER_NOT_FOUND',
      remedy: expect.stringContaining('list-clusters'),
    });
  });

  it('ask no server where the operator has vouched, or forbids it', async () => {
    const { aws, eks, env } = world;
    const before = aws.calls.length;
    await using session = await openTools({ env, trustedServers: [eks], describeClusters: false });
    const vouched = await session.call('register_eks_cluster', { kubeconfig: eks.kubeconfig(), cluster_id: 'dev' });
    expect(vouched.failed).toBe(false);
    const elsewhere = eks.kubeconfig({ server: 'https://evil.example' });
    const refused = await session.call('register_eks_cluster', { kubeconfig: elsewhere, cluster_id: 'evil' });
    expect(refused.value).toMatchObject({ code: 'SERVER_UNTRUSTED' });
    expect(aws.calls.length).toBe(before);
  });

  it('do not take a cluster of another account for the one of the same name that the operator has vouched for', async () => {
    const { eks, env } = world;
    const own = await world.write('of-one-account', eks.kubeconfig({ profile: 'reader' }));
    await using session = await openTools({ env, trustedKubeconfigs: [own], describeClusters: false });
    const kubeconfig = eks.kubeconfig({ profile: 'admin' });
    const other = await session.call('register_eks_cluster', { kubeconfig, cluster_id: 'other' });
    expect(other.value).toMatchObject({ code: 'SERVER_UNTRUSTED' });
    const flag = eks.kubeconfig().replace(/^( +- )get-token$/m, '$1get-token\n$1--profile\n$1reader');
    const same = await session.call('register_eks_cluster', { kubeconfig: flag, cluster_id: 'same' });
    expect(same.value, 'the same profile in other words').toMatchObject({ cluster_id: 'same' });
  });

  it('assume no role of another account, which would learn who asks, unless the operator allows it', async () => {
    const { aws, eks, home } = world;
    await using proxy = await aws.startProxy();
    const bundle = await world.write('ca.pem', aws.certificateAuthority);
    const env = { HOME: home, PATH: '/nonexistent', HTTPS_PROXY: proxy.url, AWS_CA_BUNDLE: bundle };
    const foreign = 'arn:aws:iam::999999999999:role/visitor';
    const withRole = (roleArn: string) => eks.kubeconfig({ roleArn });
    const before = aws.count('AssumeRole');
    await using session = await openTools({ env });
    const refused = await session.call('register_eks_cluster', { kubeconfig: withRole(foreign), cluster_id: 'x' });
    expect(refused.value).toMatchObject({
      code: 'EXEC_DENIED',
      message: 'The kubeconfig names a role of another AWS account.',
      remedy: expect.stringContaining('--roles-of-other-accounts'),
    });
    const odd = await session.call('register_eks_cluster', {
      kubeconfig: withRole('arn:aws:iam::x:role/visitor-name'),
      cluster_id: 'x',
    });
    expect(odd.value).toMatchObject({ code: 'EXEC_DENIED' });
    expect(aws.count('AssumeRole')).toBe(before);
    await using allowing = await openTools({ env, rolesOfOtherAccounts: true });
    await allowing.call('register_eks_cluster', { kubeconfig: withRole(foreign), cluster_id: 'x' });
    expect(aws.count('AssumeRole')).toBeGreaterThan(before);
    const own = 'arn:aws:iam::123456789012:role/visitor';
    const asked = aws.count('AssumeRole');
    await session.call('register_eks_cluster', { kubeconfig: withRole(own), cluster_id: 'own' });
    expect(aws.count('AssumeRole'), 'a role of the own account needs no permission').toBeGreaterThan(asked);
  });

  it('send the token of a cluster to the server that the operator has for it, and not to that of another', async () => {
    const { eks, env } = world;
    const own = await world.write('two-clusters', eks.kubeconfig());
    await using session = await openTools({ env, trustedKubeconfigs: [own], describeClusters: false });
    const refused = await session.call('register_eks_cluster', { kubeconfig: forCluster('prod'), cluster_id: 'prod' });
    expect(refused.value).toMatchObject({ code: 'SERVER_UNTRUSTED' });
    const wrongCA = eks.kubeconfig().replace(eks.certificateAuthorityData, Buffer.from('another').toString('base64'));
    const pinned = await session.call('register_eks_cluster', { kubeconfig: wrongCA, cluster_id: 'dev' });
    expect(pinned.value).toMatchObject({
      code: 'SERVER_UNTRUSTED',
      message: expect.stringContaining('certificate authority'),
    });
  });

  it('tell the command to type where credentials are missing', async () => {
    const { eks, env } = world;
    const nobody = { ...trusted(eks.server), profile: 'nobody' };
    await using session = await openTools({ env, trustedServers: [nobody] });
    const kubeconfig = eks.kubeconfig().replace(/^( +- )get-token$/m, '$1get-token\n$1--profile\n$1nobody');
    await session.call('register_eks_cluster', { kubeconfig, cluster_id: 'x' });
    const { failed, value } = await session.call('check_access', { cluster_id: 'x' });
    expect(failed).toBe(true);
    expect(value).toMatchObject({ code: 'PROFILE_NOT_FOUND', message: expect.stringContaining('nobody') });
    expect(value.remedy).toContain('nobody');
    const { value: found } = await session.call('diagnose', { cluster_id: 'x' });
    expect(found).toMatchObject({ healthy: false });
    expect(found.checks).toMatchObject([
      { name: 'token', status: 'failed', remedy: expect.stringContaining('aws configure') },
      { name: 'api_server', status: 'skipped' },
      { name: 'clock', status: 'skipped' },
    ]);
    const described = await session.call('describe_eks_cluster', { cluster_id: 'x' });
    expect(described.value).toMatchObject({
      last_failure: { code: expect.stringMatching(/^(PROFILE_NOT_FOUND|NO_CREDENTIALS)$/) },
    });
  });

  it('tell of an API server that refuses the identity, that cannot be reached, and of a clock that is off', async () => {
    const { eks, env, home } = world;
    const keys =
      'aws_access_key_id=AKIASTRANGER00000000\naws_secret_access_key=stranger/EXAMPLEKEY/stranger/stranger00\n';
    await world.write('stranger', `[default]\n${keys}`);
    const gone = await closedPort();
    await using session = await openTools({
      env: { ...env, AWS_SHARED_CREDENTIALS_FILE: join(home, 'stranger') },
      trustedServers: [eks, trusted(gone)],
    });
    await session.call('register_eks_cluster', { kubeconfig: eks.kubeconfig(), cluster_id: 'x' });
    const { value } = await session.call('check_access', { cluster_id: 'x' });
    expect(value).toMatchObject({ code: 'TOKEN_REJECTED', remedy: expect.stringContaining('list-access-entries') });
    await session.call('register_eks_cluster', { kubeconfig: eks.kubeconfig({ server: gone }), cluster_id: 'gone' });
    const unreachable = await session.call('diagnose', { cluster_id: 'gone' });
    expect(unreachable.value.checks).toMatchObject([
      { name: 'token', status: 'ok' },
      { name: 'api_server', status: 'failed', detail: 'NETWORK: The API server could not be reached (ECONNREFUSED).' },
      { name: 'clock', status: 'skipped' },
    ]);
    const ahead = () => new Date(Date.now() + 90_000);
    await using skewed = await openTools({ env, now: ahead, trustedServers: [eks] });
    await skewed.call('register_eks_cluster', { kubeconfig: eks.kubeconfig(), cluster_id: 'x' });
    const { checks } = (await skewed.call('diagnose', { cluster_id: 'x' })).value;
    expect(checks).toMatchObject([
      {},
      {},
      { name: 'clock', status: 'warning', remedy: expect.stringContaining('clock') },
    ]);
  });

  it('give up after the time that the operator allows', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const server = `https://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    const { env, eks } = world;
    await using registry = new ClusterRegistry({ env });
    await registry.registerEKSByString(eks.kubeconfig({ server }), { id: 'mute', trustedServers: [trusted(server)] });
    await using session = await openTools({ env, registry, toolTimeoutMs: 50 });
    const { value } = await session.call('check_access', { cluster_id: 'mute' });
    expect(value).toMatchObject({ code: 'TIMEOUT', remedy: 'Call the tool again, or call diagnose.' });
    silent.close();
  });

  // client-node 2.x leaves a connection that is not yet open to its own limit, which is 10 seconds.
  it('hold no connection for a call that was cancelled', { timeout: 60_000 }, async () => {
    const open = new Set<Socket>();
    const silent = createServer((socket) => {
      open.add(
        socket
          .on('error', () => undefined)
          .on('close', () => open.delete(socket))
          .resume(),
      );
    });
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const server = `https://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    const { env, eks } = world;
    await using session = await openTools({ env, trustedServers: [trusted(server)] });
    await session.call('register_eks_cluster', { kubeconfig: eks.kubeconfig({ server }), cluster_id: 'mute' });
    for (const tool of ['check_access', 'diagnose']) {
      const cancel = new AbortController();
      const cancelled = session.call(tool, { cluster_id: 'mute' }, cancel.signal).catch(() => 'cancelled');
      await vi.waitFor(() => expect(open.size).toBe(1), WITHIN);
      cancel.abort();
      expect(await cancelled).toBe('cancelled');
      await vi.waitFor(() => expect(open.size).toBe(0), WITHIN);
    }
    silent.close();
  });

  it('give no id out twice and hold no more than 200 clusters, however many calls come at once', async () => {
    const { eks, env } = world;
    await using session = await openTools({ env, trustedServers: [trusted(eks.server)] });
    const register = (name: string, cluster_id: string) =>
      session.call('register_eks_cluster', { kubeconfig: forCluster(name), cluster_id });
    const ids = Array.from({ length: 205 }, (_, index) => `c${index}`);
    const calls = [...ids.map((id) => register(id, id)), register('other', 'c0'), register('c1', 'twice')];
    const answers = await Promise.all(calls);
    const refused = answers.filter(({ failed }) => failed).map(({ value }) => value.message);
    expect(refused.sort()).toEqual([
      'Another cluster is registered as "c0".',
      ...Array(5).fill('This server holds 200 clusters, which is its limit.'),
    ]);
    expect(answers.at(-1)?.value).toMatchObject({ cluster_id: 'c1', note: expect.stringContaining('already') });
    const { value } = await session.call('list_eks_clusters');
    expect(value.clusters).toHaveLength(200);
  });

  it('leave nothing in the registry of a service when they are closed during a registration', async () => {
    const { eks, env } = world;
    await using registry = new ClusterRegistry({ env });
    const clusters = new MCPClusters({ env, registry, trustedServers: [eks] });
    const words = new KnownWords();
    words.learn('late');
    const registering = clusters.register({ kubeconfig: eks.kubeconfig(), clusterId: 'late' }, { words });
    await clusters.close();
    await registering;
    expect(registry.list()).toEqual([]);
  });

  it('tell the operator of a slip at once, and of a kubeconfig that cannot be read in the log', async () => {
    const { eks, env, home } = world;
    for (const slip of [
      { roots: [''] },
      { trustedKubeconfigs: [''] },
      { trustedServers: [trusted('example.com')] },
      { trustedServers: [{ server: world.eks.server }] },
    ]) {
      await expect(createEKSTools({ env, ...slip })).rejects.toThrow(
        expect.objectContaining({ code: 'INVALID_CONFIG', remedy: expect.any(String) }),
      );
    }
    const warned: unknown[] = [];
    const quiet = () => undefined;
    const logger = { debug: quiet, info: quiet, error: quiet, warn: (...words: unknown[]) => warned.push(words) };
    const path = join(home, 'not-there');
    await using session = await openTools({ env, logger, trustedKubeconfigs: [path] });
    const registered = await session.call('register_eks_cluster', { kubeconfig: eks.kubeconfig(), cluster_id: 'dev' });
    expect(registered.failed).toBe(false);
    expect(warned).toEqual([
      [
        'mcp: a trusted kubeconfig cannot be read',
        { path, code: 'INVALID_KUBECONFIG', error: `There is no kubeconfig at ${path}.` },
      ],
    ]);
  });

  it('share the registry of the service that embeds them, and leave its clusters alone', async () => {
    const { eks, env } = world;
    await using registry = new ClusterRegistry({ env });
    await registry.registerEKSByString(eks.kubeconfig(), { id: 'mine', trustedServers: [eks] });
    const session = await openTools({ env, registry, trustedServers: [eks] });
    expect((await session.call('check_access', { cluster_id: 'mine' })).failed).toBe(false);
    expect((await session.call('unregister_eks_cluster', { cluster_id: 'mine' })).value).toMatchObject({
      message: 'Cluster "mine" belongs to the operator of this server.',
    });
    const twice = await session.call('register_eks_cluster', { kubeconfig: eks.kubeconfig(), cluster_id: 'mine' });
    expect(twice.value, 'the same cluster again').toMatchObject({ cluster_id: 'mine', cluster_name: eks.clusterName });
    const other = await session.call('register_eks_cluster', { kubeconfig: forCluster('prod'), cluster_id: 'mine' });
    expect(other.value).toMatchObject({ message: 'Another cluster is registered as "mine".' });
    const renamed = await session.call('register_eks_cluster', { kubeconfig: eks.kubeconfig(), cluster_id: 'theirs' });
    expect(renamed.value, 'the same cluster under another id').toMatchObject({
      cluster_id: 'mine',
      note: 'This cluster is registered already. Use its cluster_id, not the one that was asked for.',
    });
    const kubeconfig = eks.kubeconfig({ profile: 'admin' });
    const admin = await session.call('register_eks_cluster', { kubeconfig, cluster_id: 'theirs' });
    expect(admin.value, 'another identity').toMatchObject({ cluster_id: 'theirs', profile: 'admin' });
    expect(registry.list().map(({ id }) => id)).toEqual(['mine', 'theirs']);
    await session[Symbol.asyncDispose]();
    expect(registry.list().map(({ id }) => id)).toEqual(['mine']);
  });

  it('list the contexts of the operator, which a model registers by their name or the name of their cluster', async () => {
    const { eks, env } = world;
    const plain = eks.kubeconfig().replaceAll(eks.clusterArn, 'as-reader');
    const kind = '\n- name: kind\n  context: { cluster: as-reader }';
    const own = await world.write('opened', plain.replace('contexts:', `contexts:${kind}`));
    await using session = await openTools({ env, trustedKubeconfigs: [own] });
    const listed = await session.call('list_eks_clusters');
    expect(listed.value).toEqual({
      clusters: [],
      available: [{ context: 'as-reader', cluster_name: eks.clusterName, region: eks.region }],
    });
    expect(listed.raw).not.toContain(own);
    const unknown = await session.call('register_eks_cluster', { context: 'as-redaer' });
    expect(unknown.value).toMatchObject({
      message: 'The operator has opened no context "as-redaer". Did you mean "as-reader"?',
    });
    const byCluster = await session.call('register_eks_cluster', { context: eks.clusterName, cluster_id: 'dev' });
    expect(byCluster.value).toMatchObject({ cluster_id: 'dev', context: 'as-reader' });
    const again = await session.call('register_eks_cluster', { context: 'as-reader', cluster_id: 'dev' });
    expect(again.value).toEqual(byCluster.value);
    expect((await session.call('list_eks_clusters')).value).toMatchObject({
      clusters: [{ cluster_id: 'dev' }],
      available: [],
    });
  });

  it('resolve a resource as kubectl does: plural, singular, short name, with a group, with a subresource', async () => {
    const { eks, env } = world;
    await using session = await openTools({ env, trustedServers: [eks] });
    await session.call('register_eks_cluster', { kubeconfig: eks.kubeconfig(), cluster_id: 'dev' });
    const asked = async (resource: string, group?: string) => {
      const { value } = await session.call('check_access', { cluster_id: 'dev', resource, ...(group && { group }) });
      const { action } = value as { action: { resource: string; group?: string; note?: string } };
      return [action.resource, action.group, action.note !== undefined];
    };
    for (const name of ['pods', 'pod', 'po', 'Pods', 'pods.v1']) {
      expect(await asked(name), name).toEqual(['pods', '', false]);
    }
    const review = ['selfsubjectreviews', 'authentication.k8s.io', false];
    const names = ['selfsubjectreviews', 'selfsubjectreview', 'selfsubjectreviews.v1.authentication.k8s.io'];
    for (const name of names) expect(await asked(name), name).toEqual(review);
    expect(await asked('selfsubjectreview', 'authentication.k8s.io')).toEqual(review);
    expect(await asked('pods', 'apps')).toEqual(['pods', 'apps', true]);
    expect(await asked('pods/log')).toEqual(['pods/log', '', false]);
    expect(await asked('*')).toEqual(['*', '*', false]);
    expect(await asked('widgets')).toEqual(['widgets', '', true]);
    expect(await asked('/healthz')).toEqual(['/healthz', undefined, false]);
  });

  it('say which clusters there are when asked for another', async () => {
    const { eks, env } = world;
    await using session = await openTools({ env, trustedServers: [eks] });
    await session.call('register_eks_cluster', { kubeconfig: eks.kubeconfig(), cluster_id: 'prod-eu' });
    expect((await session.call('diagnose', { cluster_id: 'prod-us' })).value).toEqual({
      code: 'INVALID_CONFIG',
      message: 'No cluster "prod-us" is registered. Did you mean "prod-eu"?',
      remedy: 'Use an id from list_eks_clusters, or register the cluster with register_eks_cluster.',
    });
  });

  it('refuse a user of another kind', async () => {
    await using session = await openTools({ env: world.env, trustedServers: [world.eks] });
    const kubeconfig = world.eks.kubeconfig().replace(/ {4}exec:[\s\S]*$/, '    token: abc\n');
    expect((await session.call('register_eks_cluster', { kubeconfig })).value).toMatchObject({ code: 'NOT_EKS' });
  });
});
