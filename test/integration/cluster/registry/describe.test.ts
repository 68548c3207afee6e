import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CoreV1Api } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { ClusterRegistry } from '../../../../src/cluster/registry/registry.ts';
import { startLocalAWS, startLocalEKS } from '../../../../src/testing/index.ts';

/** A cluster on a local AWS that is found under AWS's own names, through a proxy. */
async function awsWorld() {
  const home = await mkdtemp(join(tmpdir(), 'ekspress-describe-'));
  const aws = await startLocalAWS({});
  const proxy = await aws.startProxy();
  const eks = await startLocalEKS({ aws, clusterName: 'prod', region: 'eu-west-1' });
  await eks.writeAWSFiles(home);
  const bundle = join(home, 'ca.pem');
  await writeFile(bundle, aws.certificateAuthority);
  const env = { HOME: home, PATH: '/nonexistent', HTTPS_PROXY: proxy.url, AWS_CA_BUNDLE: bundle };
  const registry = new ClusterRegistry({ env });
  return {
    aws,
    eks,
    home,
    env,
    registry,
    async [Symbol.asyncDispose]() {
      await registry.close();
      await eks.close();
      await aws.close();
      await rm(home, { recursive: true });
    },
  };
}

const keysOf = ({ accessKeyId, secretAccessKey }: { accessKeyId: string; secretAccessKey: string }) =>
  `[local]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;

describe('registering by name alone', () => {
  it('finds the server and its certificates, and talks to it', async () => {
    await using world = await awsWorld();
    const { aws, eks, registry } = world;
    const cluster = await registry.registerAWSCluster({ name: 'prod', region: 'eu-west-1', profile: 'admin' });
    expect(cluster).toMatchObject({ id: eks.clusterArn, server: eks.server });
    expect(cluster.eksAuth).toMatchObject({ clusterName: 'prod', region: 'eu-west-1', profile: 'admin' });
    await cluster.makeApiClient(CoreV1Api).listNamespace();
    expect(aws.calls.map(({ operation }) => operation)).toEqual(['DescribeCluster']);
  });

  it('takes the credentials of the caller, for DescribeCluster and for the tokens, and an id of the caller', async () => {
    await using world = await awsWorld();
    const { aws, eks, registry } = world;
    const credentials = async () => eks.identities.reader;
    const request = { clusterName: 'prod', region: 'eu-west-1' };
    const cluster = await registry.registerAWSCluster(request, { id: 'acme', credentials });
    expect(cluster.id).toBe('acme');
    await cluster.makeApiClient(CoreV1Api).listNamespace();
    expect(eks.requests.at(-1)).toMatchObject({ status: 200, username: eks.identities.reader.arn });
    expect(aws.calls.map(({ signedBy }) => signedBy)).toEqual([eks.identities.reader.accessKeyId]);
  });

  it('asks DescribeCluster with another identity than that of the tokens where the caller says so', async () => {
    await using world = await awsWorld();
    const { aws, eks, registry } = world;
    const request = { clusterName: 'prod', region: 'eu-west-1', profile: 'reader' };
    const cluster = await registry.registerAWSCluster(request, { describeAs: { profile: 'admin' } });
    await cluster.makeApiClient(CoreV1Api).listNamespace();
    expect(aws.calls.map(({ signedBy }) => signedBy)).toEqual([eks.identities.admin.accessKeyId]);
    expect(eks.requests.at(-1)).toMatchObject({ username: eks.identities.reader.arn });
    expect(cluster.tokenManager.status().counts.mint).toBe(1);
  });

  it.each<[string, string, boolean]>([
    ['of the profile', 'endpoint_url = URL\n', true],
    ['of EKS in a services section', 'services = local\n[services local]\neks =\n  endpoint_url = URL\n', true],
    ['that the profile ignores', 'endpoint_url = URL\nignore_configured_endpoint_urls = true\n', false],
  ])('heeds an endpoint %s', async (_, lines, heeded) => {
    await using world = await awsWorld();
    const { aws, home, env } = world;
    const config = `[profile local]\nregion = eu-west-1\n${lines}`;
    await writeFile(join(home, '.aws', 'config'), config.replaceAll('URL', aws.endpoint));
    await writeFile(join(home, '.aws', 'credentials'), keysOf(world.eks.identities.admin));
    await using registry = new ClusterRegistry({ env: { ...env, HTTPS_PROXY: 'http://127.0.0.1:9' } });
    const registered = registry.registerAWSCluster({ name: 'prod', region: 'eu-west-1', profile: 'local' });
    await (heeded ? registered : expect(registered).rejects.toMatchObject({ code: 'NETWORK' }));
    expect(aws.calls.map(({ operation }) => operation)).toEqual(heeded ? ['DescribeCluster'] : []);
  });

  it('says which cluster does not exist, which keys AWS does not know, and what is missing', async () => {
    await using world = await awsWorld();
    const { registry, eks } = world;
    await expect(
      registry.registerAWSCluster({ name: 'other', region: 'eu-west-1', profile: 'admin' }),
    ).rejects.toMatchObject({
      code: 'CLUSTER_NOT_FOUND',
      message: 'There is no EKS cluster "other" in eu-west-1 in the account of these credentials.',
      remedy: 'See which there are: `aws eks list-clusters --region eu-west-1 --profile admin`.',
    });
    eks.revoke(eks.identities.admin.accessKeyId);
    await expect(
      registry.registerAWSCluster({ name: 'prod', region: 'eu-west-1', profile: 'admin' }),
    ).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
      remedy: expect.stringContaining('Compare the access key (`aws configure list --profile admin` shows'),
    });
    await expect(registry.registerAWSCluster({ name: undefined as never, region: 'eu-west-1' })).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: 'registerAWSCluster needs the name of the cluster.',
    });
    for (const name of ['', '../x', 'a b', 'a?b']) {
      await expect(registry.registerAWSCluster({ name, region: 'eu-west-1' })).rejects.toMatchObject({
        code: 'INVALID_CONFIG',
      });
    }
    await expect(registry.registerAWSCluster({ name: 'prod', region: '' })).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: 'registerAWSCluster needs the region of the cluster.',
    });
    expect(registry.list()).toEqual([]);
  });
});

describe('a DescribeCluster without an answer', () => {
  it('ends when the caller gives up, or the registry is closed', async () => {
    const open = new Set<Socket>();
    const silent = createServer((socket) => {
      open.add(socket);
      socket.on('error', () => {}).resume();
    }).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    try {
      const { port } = silent.address() as AddressInfo;
      const env = {
        HOME: '/nonexistent',
        AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
        AWS_SECRET_ACCESS_KEY: 'EXAMPLEKEY',
        AWS_ENDPOINT_URL_EKS: `http://127.0.0.1:${port}`,
      };
      const registry = new ClusterRegistry({ env });
      const request = { name: 'prod', region: 'us-east-1' };
      const enough = new AbortController();
      const given = registry.registerAWSCluster(request, { signal: enough.signal });
      given.catch(() => undefined);
      await expect.poll(() => open.size, { timeout: 20_000 }).toBe(1);
      enough.abort(new Error('enough'));
      await expect(given).rejects.toThrow('enough');
      const left = registry.registerAWSCluster(request);
      left.catch(() => undefined);
      await expect.poll(() => open.size, { timeout: 20_000 }).toBe(2);
      await registry.close();
      await expect(left).rejects.toMatchObject({ code: 'INVALID_CONFIG', message: expect.stringContaining('closed') });
      for (const socket of open)
        await expect.poll(() => socket.destroyed || socket.readableEnded, { timeout: 20_000 }).toBe(true);
    } finally {
      for (const socket of open) socket.destroy();
      silent.close();
    }
  });
});

describe("a stranger's kubeconfig with trustedServers: 'describe-cluster'", () => {
  const trust = { trustedServers: 'describe-cluster' } as const;

  it('is taken where EKS names the same server and authority', async () => {
    await using world = await awsWorld();
    const { eks, registry } = world;
    const cluster = await registry.registerEKSByString(eks.kubeconfig({ profile: 'admin' }), trust);
    await cluster.makeApiClient(CoreV1Api).listNamespace();
  });

  it('is refused where it names another server, another authority, or a file for it', async () => {
    await using world = await awsWorld();
    await using evil = await startLocalEKS({ clusterName: 'prod', region: 'eu-west-1' });
    const { eks, registry, aws } = world;
    const text = eks.kubeconfig({ profile: 'admin' });
    const refused = { code: 'SERVER_UNTRUSTED' };
    await expect(registry.registerEKSByString(text.replace(eks.server, evil.server), trust)).rejects.toMatchObject({
      ...refused,
      message: expect.stringMatching(
        `"${evil.server}". EKS was asked, and says that the server of "prod" is "${eks.server}".`,
      ),
      remedy: expect.stringMatching(
        /^Write .* `aws eks update-kubeconfig --name prod --region eu-west-1`, or ask its author /,
      ),
    });
    const otherCA = text.replace(eks.certificateAuthorityData, evil.certificateAuthorityData);
    await expect(registry.registerEKSByString(otherCA, trust)).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining('another certificate authority than the one that EKS names for "prod"'),
    });
    const asked = aws.calls.length;
    const file = text.replace(/certificate-authority-data: .*/, 'certificate-authority: /etc/ca.pem');
    await expect(registry.registerEKSByString(file, trust)).rejects.toMatchObject({ code: 'EXEC_DENIED' });
    // What is refused anyway costs nobody a call with the caller's credentials.
    expect(aws.calls).toHaveLength(asked);
    const allowed = { ...trust, allow: ['file-references'] } as const;
    await expect(registry.registerEKSByString(file, allowed)).rejects.toMatchObject({
      code: 'SERVER_UNTRUSTED',
      message: expect.stringContaining('has its certificate authority in a file'),
    });
    expect(evil.requests).toEqual([]);
  });
});
