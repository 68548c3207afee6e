import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseExecConfig } from '../../../../src/aws/stanza/parse-exec-config.ts';
import { TokenManager } from '../../../../src/aws/token/token-manager.ts';
import { writeAWSProgram } from '../../../support/aws-program.ts';
import { FakeHome } from '../../../support/fake-aws-home.ts';

function install(home: FakeHome, folder: string, release: string): string {
  mkdirSync(join(home.directory, folder));
  return writeAWSProgram(join(home.directory, folder, 'aws'), `echo 'aws-cli/${release} Python/3.11.7'`);
}

async function regionOf(home: FakeHome, command: string): Promise<string | null> {
  const config = parseExecConfig({ command, args: ['eks', 'get-token', '--cluster-name', 'dev'] });
  const { token } = await new TokenManager(config, { env: home.env }).getValidToken();
  const url = new URL(Buffer.from(token.slice('k8s-aws-v1.'.length), 'base64url').toString());
  return url.searchParams.get('X-Amz-Credential')?.split('/')[2] ?? null;
}

it('Two generations of the AWS CLI on one machine do not take the tokens of each other where they disagree', async () => {
  const home = new FakeHome().withStaticKeys();
  // v1 knows AWS_DEFAULT_REGION only.
  Object.assign(home.env, { AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'us-west-2' });
  const v1 = install(home, 'one', '1.45.11');
  const v2 = install(home, 'two', '2.36.7');
  await expect(regionOf(home, v1)).resolves.toBe('us-west-2');
  await expect(regionOf(home, v2)).resolves.toBe('eu-west-1');
});
