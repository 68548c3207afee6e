import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { startLocalAWS } from '../../../../src/testing/local-aws/local-aws.ts';
import { makeHome } from '../../../support/aws-home.ts';
import { bundleProgram } from '../../../support/bundle-program.ts';
import { expectOwnWords } from '../../../support/own-words.ts';

const ROLE = 'arn:aws:iam::123456789012:role/deploy';
const WEB_ROLE = 'arn:aws:iam::123456789012:role/pod';
/** Switches of packages, about warnings, benchmarks and timeouts: none says who asks, or whom. */
const SWITCHES = [
  'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED',
  'AWS_ENABLE_DEFAULT_SOCKET_TIMEOUT_2026',
  'AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA',
  'AWS_LAMBDA_BENCHMARK_MODE',
];

it("Roles are assumed without a look at the process's own environment and AWS files", async () => {
  await using aws = await startLocalAWS({
    roles: { [ROLE]: {}, [WEB_ROLE]: { webIdentityTokens: ['header.payload.signature'] } },
  });
  const { accessKeyId, secretAccessKey } = aws.identities.admin;
  const config = [
    `[profile role]\nrole_arn = ${ROLE}\nsource_profile = base`,
    `[profile web]\nrole_arn = ${WEB_ROLE}\nweb_identity_token_file = %/jwt`,
    `[profile base]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`,
  ];
  const given = await makeHome({ '.aws/config': config.join('\n'), jwt: 'header.payload.signature' });
  const own = await makeHome({ '.aws/config': 'broken', '.aws/credentials': 'broken' });
  const program = await bundleProgram('assume-roles-program', own.path);
  const env = {
    ...given.env,
    AWS_ENDPOINT_URL: aws.endpoint,
    AWS_REGION: 'eu-west-1',
    AWS_DEFAULT_REGION: 'eu-west-1',
  };
  const ownEnv = { PATH: process.env.PATH, HOME: own.path, AWS_PROFILE: 'nobody', _X_AMZN_TRACE_ID: 'Root=1' };
  const args = [program, JSON.stringify(env), 'role', 'web'];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { env: ownEnv });
  expectOwnWords(stderr);
  const { minted, variables, files } = JSON.parse(stdout) as Record<'minted' | 'variables' | 'files', string[]>;
  expect(minted).toEqual(['assume-role', 'web-identity']);
  expect(aws.calls.map(({ operation }) => operation)).toEqual(['AssumeRole', 'AssumeRoleWithWebIdentity']);
  const telling = variables.filter((name) => /AWS|AMZN|HOME|PROFILE|PROXY|REGION|all of it/i.test(name));
  expect(telling.filter((name) => !SWITCHES.includes(name))).toEqual([]);
  // The spy does see files.
  expect(files).toContain(join(given.path, '.aws/config'));
  expect(files.filter((path) => path.startsWith(join(own.path, '.aws')))).toEqual([]);
});
