import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { startLocalAWS } from '../../../../src/testing/index.ts';
import { makeHome } from '../../../support/aws-home.ts';

const ROLE = 'arn:aws:iam::123456789012:role/deploy';
const root = fileURLToPath(new URL('../../../..', import.meta.url));

it("The SDK's warning about an old Node is not heard through ekspress, and is still there for the application's own clients", async () => {
  await using aws = await startLocalAWS({ roles: { [ROLE]: {} } });
  const { accessKeyId, secretAccessKey } = aws.identities.admin;
  const keys = `aws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}`;
  const { env } = await makeHome({
    '.aws/config': `[default]\nrole_arn = ${ROLE}\nsource_profile = base\n[profile base]\n${keys}\n`,
  });
  const program = `
    import { getEKSToken } from 'ekspress';
    import { STSClient } from '@aws-sdk/client-sts';
    const version = process.version;
    const request = { clusterName: 'dev', region: 'us-east-1', cache: false };
    await Promise.all([getEKSToken(request), getEKSToken({ ...request, clusterName: 'other' })]);
    await new Promise((later) => setImmediate(later));
    console.error(process.version === version ? 'OWN CLIENT' : 'another version');
    new STSClient({ region: 'us-east-1' });`;
  const { stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
    cwd: root,
    env: { ...env, AWS_ENDPOINT_URL: aws.endpoint },
  });
  expect(aws.count('AssumeRole')).toBeGreaterThan(0);
  const [before, after] = stderr.split('OWN CLIENT\n');
  expect(before).toBe('');
  const warns = Number(process.versions.node.split('.')[0]) < 22;
  expect(/NodeVersionSupportWarning/.test(after ?? '')).toBe(warns);
});
