import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClusterRegistry, getEKSToken } from 'ekspress';
import { type LocalAWS, type LocalEKS, startLocalAWS, startLocalEKS, verifyToken } from 'ekspress/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const roleArn = 'arn:aws:iam::123456789012:role/deploy';
let aws: LocalAWS;
let eks: LocalEKS;
beforeAll(async () => {
  aws = await startLocalAWS({ roles: { [roleArn]: { groups: ['readers'] } } });
  eks = await startLocalEKS({ aws, region: 'eu-central-1' });
});
afterAll(async () => {
  await eks.close();
  await aws.close();
});

const whoGetsIn = (token: string) => {
  const { admin, reader } = eks.identities;
  const identities = new Map([admin, reader].map((one) => [one.accessKeyId, one]));
  const verdict = verifyToken(token, { clusterName: 'dev', region: eks.region, identities });
  return verdict.accepted ? verdict.identity.name : verdict.reason;
};

describe('the variables of a local identity', () => {
  it.each([undefined, 'admin', 'reader'])(
    'let a program be this identity in the region of the cluster: %s',
    async (name) => {
      const { token } = await getEKSToken({ clusterName: 'dev', env: eks.env(name), cache: false });
      expect(whoGetsIn(token)).toBe(name ?? 'admin');
      expect(eks.env(name).AWS_REGION).toBe('eu-central-1');
    },
  );

  it('lead calls of AWS to the local AWS, and the cluster takes the token of the role', async () => {
    const home = await mkdtemp(join(tmpdir(), 'local-env-'));
    await using registry = new ClusterRegistry({ env: await aws.env(home, 'reader') });
    const cluster = await registry.registerAWSCluster({ clusterName: 'dev', region: eks.region, roleArn });
    expect((await cluster.fetch('/api/v1/namespaces')).status).toBe(200);
    const { accessKeyId } = aws.identities.reader;
    expect(aws.calls).toContainEqual(expect.objectContaining({ operation: 'AssumeRole', signedBy: accessKeyId }));
    await rm(home, { recursive: true });
  });

  it('leave the choice to the home directory where no identity is named', async () => {
    const home = await mkdtemp(join(tmpdir(), 'local-env-'));
    await eks.writeAWSFiles(home, { defaultProfile: 'reader' });
    const env = await aws.env(home);
    const { token } = await getEKSToken({ clusterName: 'dev', region: eks.region, env, cache: false });
    expect(whoGetsIn(token)).toBe('reader');
    await rm(home, { recursive: true });
  });

  it('are those of the identities that exist; another name is an error that lists them', async () => {
    const allowed = expect.objectContaining({ code: 'INVALID_CONFIG', remedy: 'Pass "admin" or "reader".' });
    expect(() => eks.env('raeder')).toThrow(allowed);
    await expect(aws.env(tmpdir(), 'raeder')).rejects.toThrow(allowed);
  });
});
