// Tests of a service, without AWS: `node --test own-tests.mjs` after compiling. A local AWS judges the role's external id, a
// local EKS judges the tokens.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClusterRegistry } from 'ekspress';
import { startLocalAWS, startLocalEKS } from 'ekspress/testing';
import { countNamespaces } from './saas-backend.mjs';

const roleArn = 'arn:aws:iam::123456789012:role/tenant';
const home = await mkdtemp(join(tmpdir(), 'own-tests-'));
const aws = await startLocalAWS({ roles: { [roleArn]: { groups: ['readers'], externalId: 'acme-42' } } });
const eks = await startLocalEKS({ aws });
const registry = new ClusterRegistry({ env: await aws.env(home, 'admin'), cache: false });
try {
  const { clusterName, region } = eks;
  const { accessKeyId, secretAccessKey } = eks.identities.reader;
  const credentials = async () => ({ accessKeyId, secretAccessKey });
  const answers = await countNamespaces(registry, [
    { name: 'role', clusterName, region, roleArn, externalId: 'acme-42' },
    { name: 'keys', clusterName, region, credentials },
    { name: 'wrong', clusterName, region, roleArn, externalId: 'other' },
  ]);
  assert.match(answers[0] ?? '', /^role: \d+ namespaces$/);
  assert.match(answers[1] ?? '', /^keys: \d+ namespaces$/);
  assert.match(answers[2] ?? '', /^wrong: .*AssumeRole/s);
  eks.revoke(accessKeyId);
  await assert.rejects(async () => registry.get('keys')?.tokenManager?.refreshToken().then(() => {
    throw new Error('still served');
  }));
  console.log('all tests passed');
} finally {
  await registry.close();
  await eks.close();
  await aws.close();
  await rm(home, { recursive: true, force: true });
}
