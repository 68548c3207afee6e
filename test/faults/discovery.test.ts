import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClusterRegistry, eksClusters } from 'ekspress';
import { type LocalAWS, startLocalAWS } from 'ekspress/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'ekspress-discovery-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

const [living, dead, external] = ['111111111111', '222222222222', '333333333333'].map(
  (account) => `arn:aws:iam::${account}:role/reader`,
) as [string, string, string];

async function startAWS() {
  return startLocalAWS({ roles: { [living]: {}, [external]: { externalId: 'shared-word' } } });
}

function registryOf(aws: LocalAWS) {
  const { accessKeyId = '', secretAccessKey = '' } = aws.identities.admin ?? {};
  const keys = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
  const env = { HOME: home, PATH: '', AWS_ENDPOINT_URL: aws.endpoint, ...keys };
  return new ClusterRegistry({ env, cache: false });
}

const add = (aws: LocalAWS, accountId: string, name: string, server?: string, ca = 'Q0E=') =>
  aws.addCluster({
    ...{ name, accountId, region: 'us-east-1', certificateAuthorityData: ca },
    server: server ?? `https://${name.toUpperCase()}.gr7.us-east-1.eks.amazonaws.com`,
  });
const idOf = (account: string, name: string) => `arn:aws:eks:us-east-1:${account}:cluster/${name}`;

describe('a registry that follows the clusters of AWS accounts', () => {
  it('registers all clusters of all pages, whichever account is dead, and tells of that one', async () => {
    await using aws = await startAWS();
    for (let number = 0; number < 130; number += 1) add(aws, '111111111111', `c${number}`);
    add(aws, '333333333333', 'other');
    aws.failNext('ListClusters', { code: 'ThrottlingException', status: 429 }, 1);
    aws.failNext('DescribeCluster', { code: 'ThrottlingException', status: 429 }, 3);
    await using registry = registryOf(aws);
    const failed: string[] = [];
    registry.on('sourceFailed', ({ part, error }) => failed.push(`${part} ${error.code}`));
    const accounts = [{ roleArn: dead }, { roleArn: living }, { roleArn: external, externalId: 'shared-word' }];
    await registry.follow(eksClusters({ regions: ['us-east-1'], accounts })).ready;
    expect(registry.list().length).toBe(131);
    expect(failed).toEqual([`${dead} us-east-1 ACCESS_DENIED`]);
    // Two pages, one of the other account, and one that was throttled.
    expect(aws.count('ListClusters')).toBe(4);
    expect(aws.count('DescribeCluster')).toBe(131 + 3);
    expect(registry.get(idOf('333333333333', 'other'))?.eksAuth).toMatchObject({ externalId: 'shared-word' });
    for (const [account, name] of [['111111111111', 'c7'] as const, ['333333333333', 'other'] as const]) {
      expect((await registry.get(idOf(account, name))?.getToken())?.token).toMatch(/^k8s-aws-v1\./);
    }
  });

  it('removes a cluster after two whole lists without it, and none while the list cannot be read', async () => {
    await using aws = await startAWS();
    add(aws, '111111111111', 'stays');
    add(aws, '111111111111', 'goes');
    await using registry = registryOf(aws);
    const source = eksClusters({ regions: ['us-east-1'], accounts: [{ roleArn: living }], everyMs: 20 });
    await registry.follow(source).ready;
    expect(registry.list().length).toBe(2);
    aws.failNext('ListClusters', { code: 'AccessDeniedException', status: 403 }, Number.POSITIVE_INFINITY);
    aws.removeCluster({ name: 'goes', accountId: '111111111111', region: 'us-east-1' });
    const asked = aws.count('ListClusters');
    await vi.waitFor(() => expect(aws.count('ListClusters')).toBeGreaterThan(asked + 2), 10_000);
    expect(registry.list().length).toBe(2);
    aws.heal();
    await vi.waitFor(
      () => expect(registry.list().map(({ id }) => id)).toEqual([idOf('111111111111', 'stays')]),
      20_000,
    );
  });

  it('gives no token to an endpoint that EKS does not hand out, and leaves clusters of others alone', async () => {
    await using aws = await startAWS();
    for (const [index, server] of [
      'https://evil.example',
      'http://x.gr7.us-east-1.eks.amazonaws.com',
      'https://x.gr7.us-east-1.eks.amazonaws.com.evil.example',
      'https://x.gr7.eu-west-1.eks.amazonaws.com',
    ].entries()) {
      add(aws, '111111111111', `evil${index}`, server);
    }
    add(aws, '111111111111', 'good');
    await using registry = registryOf(aws);
    const codes: string[] = [];
    registry.on('sourceFailed', ({ error }) => codes.push(error.code));
    await registry.follow(eksClusters({ regions: ['us-east-1'], accounts: [{ roleArn: living }] })).ready;
    expect(registry.list().map(({ id }) => id)).toEqual([idOf('111111111111', 'good')]);
    expect(codes).toEqual(Array(4).fill('SERVER_UNTRUSTED'));
  });

  it('makes the tokens of a cluster with the external id and session name of its newest description', async () => {
    await using aws = await startAWS();
    await using registry = registryOf(aws);
    const described = (externalId: string, sessionName: string) => ({
      ...{ id: 'mine', cluster: { clusterName: 'dev' }, region: 'us-east-1', server: 'https://one.example' },
      ...{ certificateAuthorityData: 'Q0E=', roleArn: external, externalId, sessionName },
    });
    let change: () => void = () => undefined;
    const changed = new Promise<void>((resolve) => {
      change = resolve;
    });
    registry.follow({
      async *lists() {
        yield [described('another-word', 'one')];
        await changed;
        yield [described('shared-word', 'two')];
      },
    });
    await vi.waitFor(() => expect(registry.list().length).toBe(1));
    await expect(registry.get('mine')?.getToken()).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
    change();
    await vi.waitFor(() => expect(registry.get('mine')?.eksAuth).toMatchObject({ sessionName: 'two' }));
    expect((await registry.get('mine')?.getToken())?.token).toMatch(/^k8s-aws-v1\./);
  });

  it('follows a list of your own: changes keep the cluster, and the source is asked again after it fails', async () => {
    await using aws = await startAWS();
    await using registry = registryOf(aws);
    const described = (server: string) => ({
      ...{ id: 'mine', cluster: { clusterName: 'dev' }, region: 'us-east-1', server },
      certificateAuthorityData: 'Q0E=',
    });
    let next: () => void = () => undefined;
    const changed = new Promise<void>((resolve) => {
      next = resolve;
    });
    const followed = registry.follow({
      async *lists({ signal }) {
        yield [described('https://one.example')];
        await changed;
        yield [described('https://two.example')];
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      },
    });
    await followed.ready;
    const cluster = registry.get('mine');
    next();
    await vi.waitFor(() => expect(cluster?.server).toBe('https://two.example'));
    expect(registry.get('mine')).toBe(cluster);
    followed.stop();
    expect(registry.list().length).toBe(1);
  });
});
