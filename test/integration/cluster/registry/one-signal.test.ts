import { getEventListeners } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { getEKSToken } from '../../../../src/aws/token/eks-token.ts';
import { ClusterRegistry } from '../../../../src/cluster/registry/registry.ts';
import { startLocalAWS, startLocalEKS } from '../../../../src/testing/index.ts';
import { NOWHERE } from '../../../support/paths.ts';

const REGION = 'us-west-2';

it('A service gives one signal to all its calls at once, and Node warns of no leak', async () => {
  const home = await mkdtemp(join(tmpdir(), 'ekspress-signal-'));
  const aws = await startLocalAWS();
  const names = Array.from({ length: 24 }, (_, index) => `c${index}`);
  const clusters = await Promise.all(names.map((clusterName) => startLocalEKS({ aws, clusterName, region: REGION })));
  const { accessKeyId, secretAccessKey } = aws.identities.admin;
  const env = {
    HOME: home,
    PATH: NOWHERE,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_ENDPOINT_URL: aws.endpoint,
  };
  const warnings: string[] = [];
  const heard = ({ message }: Error): void => void warnings.push(message);
  process.on('warning', heard);
  const registry = new ClusterRegistry({ env, cache: false });
  const { signal } = new AbortController();
  try {
    let most = 0;
    const counting = setInterval(() => {
      most = Math.max(most, getEventListeners(signal, 'abort').length);
    });
    await Promise.all([
      ...names.map((name) => registry.registerAWSCluster({ name, region: REGION }, { signal })),
      ...names.map((clusterName) => getEKSToken({ clusterName, region: REGION, env, cache: false, signal })),
    ]);
    await Promise.all(registry.list().map((cluster) => cluster.getToken({ signal })));
    clearInterval(counting);
    await new Promise((resolve) => setImmediate(resolve));
    expect(registry.list().length).toBe(names.length);
    expect(most).toBe(1);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect(warnings).toEqual([]);
  } finally {
    process.off('warning', heard);
    await registry.close();
    await Promise.all(clusters.map((eks) => eks.close()));
    await aws.close();
    await rm(home, { recursive: true });
  }
});
