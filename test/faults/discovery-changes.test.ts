import { createServer } from 'node:net';
import { VersionApi } from '@kubernetes/client-node';
import { ClusterRegistry, type ClusterSource, eksClusters } from 'ekspress';
import { type LocalAWS, startLocalAWS, startLocalEKS } from 'ekspress/testing';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { FakeHome } from '../support/fake-aws-home.ts';

const REGION = 'us-east-1';
const HOUR = 60 * 60_000;
const OTHER_CA = Buffer.from('-----BEGIN CERTIFICATE-----\nQ0E=\n-----END CERTIFICATE-----\n').toString('base64');

function registryOf(aws: LocalAWS, variable = 'AWS_ENDPOINT_URL_EKS') {
  const { accessKeyId = '', secretAccessKey = '' } = aws.identities.admin ?? {};
  const keys = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
  const awsLimits = { eks: { inFlight: 4, perSecond: 10_000 } };
  const env = { ...new FakeHome().env, [variable]: aws.endpoint, ...keys };
  return new ClusterRegistry({ env, cache: false, awsLimits });
}

/** Goes forward on the clock that intervals are measured with. */
function later(ms: number) {
  const real = performance.now.bind(performance);
  vi.spyOn(performance, 'now').mockImplementation(() => real() + ms);
}
afterEach(() => {
  vi.restoreAllMocks();
});

const eksServer = (name: string) => `https://${name.toUpperCase()}.gr7.${REGION}.eks.amazonaws.com`;

describe('a cluster that was deleted and made again under its name', () => {
  it('is described again after an hour, and not before', async () => {
    await using aws = await startLocalAWS();
    const at = { name: 'dev', region: REGION };
    aws.addCluster({ ...at, server: eksServer('one'), certificateAuthorityData: 'Q0E=' });
    await using registry = registryOf(aws);
    await registry.follow(eksClusters({ regions: [REGION], everyMs: 20 })).ready;
    const [cluster] = registry.list();
    aws.addCluster({ ...at, server: eksServer('two'), certificateAuthorityData: 'Q0Ey' });
    const lists = aws.count('ListClusters');
    await vi.waitFor(() => expect(aws.count('ListClusters')).toBeGreaterThan(lists + 5), 20_000);
    expect([aws.count('DescribeCluster'), cluster?.server]).toEqual([1, eksServer('one')]);
    later(HOUR + 1_000);
    await vi.waitFor(() => expect(cluster?.server).toBe(eksServer('two')), 20_000);
    expect(registry.list()).toEqual([cluster]);
    expect(aws.count('DescribeCluster')).toBe(2);
  });

  it('is described again when its certificate is not the known one, and requests go on with the new one', async () => {
    await using aws = await startLocalAWS();
    await using eks = await startLocalEKS({ aws, clusterName: 'dev', region: REGION });
    const { server } = eks;
    const at = { name: 'dev', region: REGION, server };
    aws.addCluster({ ...at, certificateAuthorityData: OTHER_CA });
    await using registry = registryOf(aws);
    const endpoints = [new URL(server).hostname];
    await registry.follow(eksClusters({ regions: [REGION], endpoints })).ready;
    const [cluster] = registry.list();
    aws.addCluster({ ...at, certificateAuthorityData: eks.certificateAuthorityData });
    const asked = () => cluster?.makeApiClient(VersionApi).getCode();
    await vi.waitFor(async () => expect((await asked())?.major).toBe('1'), 20_000);
    expect(aws.count('DescribeCluster')).toBe(2);
  });
});

describe('an account that answers with another endpoint later', () => {
  it('gets neither a token nor a connection there, and the cluster stays as it was', async () => {
    let connections = 0;
    const evil = createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve));
    const { port } = evil.address() as { port: number };
    await using aws = await startLocalAWS();
    const at = { name: 'dev', region: REGION, certificateAuthorityData: OTHER_CA };
    aws.addCluster({ ...at, server: eksServer('one') });
    await using registry = registryOf(aws);
    const failed: string[] = [];
    registry.on('sourceFailed', ({ error }) => failed.push(error.code));
    await registry.follow(eksClusters({ regions: [REGION], everyMs: 20 })).ready;
    const [cluster] = registry.list();
    aws.addCluster({ ...at, server: `https://127.0.0.1:${port}` });
    later(HOUR + 1_000);
    await vi.waitFor(() => expect(failed).toContain('SERVER_UNTRUSTED'), 20_000);
    // The name of the first endpoint leads nowhere: the cluster is asked for again, with the same answer.
    await expect(cluster?.makeApiClient(VersionApi).getCode()).rejects.toThrow();
    expect(cluster?.server).toBe(eksServer('one'));
    expect(connections).toBe(0);
    await new Promise((resolve) => evil.close(resolve));
  });
});

/** No list until the signal comes. */
async function* never(signal: AbortSignal) {
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  yield* [];
}

describe('a source of your own whose list changes', () => {
  it('changes the role that the tokens of a cluster are made with', async () => {
    const [first, second] = ['one', 'two'].map((name) => `arn:aws:iam::123456789012:role/${name}`) as [string, string];
    await using aws = await startLocalAWS({ roles: { [first]: {}, [second]: {} } });
    await using registry = registryOf(aws, 'AWS_ENDPOINT_URL_STS');
    let role = first;
    const described = () => ({
      ...{ id: 'mine', cluster: { clusterName: 'dev' }, region: REGION, server: 'https://dev.example', roleArn: role },
      certificateAuthorityData: OTHER_CA,
    });
    using _ = registry.follow({
      async *lists({ signal }) {
        while (!signal.aborted) {
          yield [described()];
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      },
    });
    await vi.waitFor(() => expect(registry.get('mine')).toBeDefined(), 20_000);
    const cluster = registry.get('mine');
    await cluster?.getToken();
    role = second;
    await vi.waitFor(() => expect(cluster?.eksAuth?.roleArn).toBe(second), 20_000);
    await cluster?.getToken();
    const assumed = aws.calls.filter(({ operation }) => operation === 'AssumeRole').map(({ roleArn }) => roleArn);
    expect(assumed).toEqual([first, second]);
  });

  const entry = { cluster: { clusterName: 'dev' }, region: REGION, certificateAuthorityData: OTHER_CA };
  const keys = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'EXAMPLEKEY' };
  const ownRegistry = () => new ClusterRegistry({ env: { ...new FakeHome().env, ...keys }, cache: false });
  /** A port at which nothing listens. */
  const UNREACHED = 'https://127.0.0.1:1';

  it('is said to have ended, or to have been stopped, where no list of it was registered', async () => {
    await using registry = ownRegistry();
    const lists: ClusterSource[] = [{ async *lists() {} }, { lists: ({ signal }) => never(signal) }];
    const [ended, stopped] = lists.map((source) => registry.follow(source));
    stopped?.stop();
    await expect(ended?.ready).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: expect.stringContaining('has ended without a list'),
    });
    await expect(stopped?.ready).rejects.toMatchObject({
      message: expect.stringContaining('was stopped before its first list'),
    });
    const [last] = lists.slice(1).map((source) => registry.follow(source));
    await registry.close();
    await expect(last?.ready).rejects.toMatchObject({ message: expect.stringContaining('has been closed') });
  });

  it('leaves the process to others, where it makes one list after another without a pause', async () => {
    await using registry = ownRegistry();
    let lists = 0;
    using source = registry.follow({
      async *lists() {
        while (lists < 200_000) {
          lists += 1;
          yield [];
        }
      },
    });
    await source.ready;
    await new Promise((resolve) => setTimeout(resolve, 1));
    expect(lists).toBeLessThan(200_000);
  });

  it('holds no request for longer than ten seconds, where it does not describe a cluster', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'], shouldAdvanceTime: true, advanceTimeDelta: 500 });
    onTestFinished(() => void vi.useRealTimers());
    await using registry = ownRegistry();
    const described: string[] = [];
    using source = registry.follow({
      async *lists() {
        yield [{ ...entry, id: 'mine', server: UNREACHED }];
        await new Promise(() => {});
      },
      describe(id) {
        described.push(id);
        return new Promise(() => {});
      },
    });
    await source.ready;
    await expect(registry.get('mine')?.makeApiClient(VersionApi).getCode()).rejects.toThrow('ECONNREFUSED');
    expect(described).toEqual(['mine']);
  });

  it('changes no other cluster, where it describes another one than it was asked for', async () => {
    await using registry = ownRegistry();
    const failures: string[] = [];
    registry.on('sourceFailed', ({ part, error }) => failures.push(`${part}: ${error.message}`));
    const yours = { ...entry, id: 'yours', server: 'https://yours.example' };
    using source = registry.follow({
      async *lists() {
        yield [{ ...entry, id: 'mine', server: UNREACHED }, yours];
        await new Promise(() => {});
      },
      describe: async () => ({ ...yours, server: 'https://evil.example', roleArn: undefined, sessionName: 'x' }),
    });
    await source.ready;
    const cluster = registry.get('yours');
    await expect(registry.get('mine')?.makeApiClient(VersionApi).getCode()).rejects.toThrow('ECONNREFUSED');
    expect(failures).toEqual(['mine: A ClusterSource described "yours" when it was asked for "mine".']);
    expect(registry.get('yours')).toBe(cluster);
    expect(cluster?.server).toBe('https://yours.example');
  });
});
