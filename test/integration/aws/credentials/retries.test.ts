import { rmSync, writeFileSync } from 'node:fs';
import { type EKSAuthError, parseExecConfig, TokenManager } from 'ekspress';
import { type LocalAWS, startLocalAWS } from 'ekspress/testing';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeHome } from '../../../support/fake-aws-home.ts';

const ROLE = 'arn:aws:iam::123456789012:role/dev';
const SSO = { accountId: '123456789012', roleName: 'Admin' };

// Every pause is random, and then none takes time.
beforeEach(() => {
  vi.spyOn(Math, 'random').mockReturnValue(0);
});

/** A local AWS, and a home with a profile whose role has to be assumed. */
async function arrange(settings = '') {
  const aws = await startLocalAWS({ roles: { [ROLE]: {} }, ssoRoles: [SSO] });
  const { accessKeyId, secretAccessKey } = aws.identities.admin ?? {};
  const home = new FakeHome();
  home.withConfig(
    `[profile r]\nrole_arn = ${ROLE}\nsource_profile = base\n${settings}[profile base]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n` +
      `[profile s]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Admin\n${settings}[sso-session corp]\nsso_start_url = https://local.awsapps.com/start\nsso_region = us-east-1\n`,
  );
  return { aws, home };
}

/** No role credentials are kept. */
const forget = (home: FakeHome) => rmSync(`${home.directory}/.aws/cli`, { recursive: true, force: true });

interface Asked {
  readonly env?: Record<string, string>;
  readonly profile?: string;
  readonly cliVersion?: 'v1' | 'v2';
}

/** `token`, or the code of the failure. */
async function ask(aws: LocalAWS, home: FakeHome, { env = {}, profile = 'r', cliVersion }: Asked): Promise<string> {
  const args = ['eks', 'get-token', '--cluster-name', 'c', '--profile', profile, '--region', 'us-west-2'];
  const config = parseExecConfig({ command: 'aws', args }, cliVersion && { cliVersion });
  const outside = { ...home.env, AWS_ENDPOINT_URL: aws.endpoint, ...env };
  const manager = new TokenManager(config, { env: outside, cache: false });
  try {
    await manager.getValidToken();
    return 'token';
  } catch (error) {
    return (error as EKSAuthError).code;
  }
}

describe('a request to STS that is throttled', () => {
  it.each<[string, number, 'v1' | 'v2' | undefined, Record<string, string>, string]>([
    ['three times by v2', 3, 'v2', {}, ''],
    ['five times by v1', 5, 'v1', {}, ''],
    ['three times by v1 in the standard mode', 3, 'v1', { AWS_RETRY_MODE: 'standard' }, ''],
    ['ten times with AWS_MAX_ATTEMPTS', 10, 'v2', { AWS_MAX_ATTEMPTS: '10' }, ''],
    ['twice with max_attempts', 2, 'v1', {}, 'max_attempts = 2\n'],
    ['once by the variable, which goes before the profile', 1, 'v2', { AWS_MAX_ATTEMPTS: '1' }, 'max_attempts = 9\n'],
  ])('is sent %s', async (_, attempts, cliVersion, env, settings) => {
    const { aws, home } = await arrange(settings);
    await using _aws = aws;
    const asked = { env, ...(cliVersion && { cliVersion }) };
    aws.failNext('AssumeRole', { code: 'Throttling', status: 400 }, attempts - 1);
    expect(await ask(aws, home, asked)).toBe('token');
    expect(aws.count('AssumeRole')).toBe(attempts);
    forget(home);
    aws.failNext('AssumeRole', { code: 'Throttling', status: 400 }, attempts);
    expect(await ask(aws, home, asked)).toBe('NETWORK');
    expect(aws.count('AssumeRole')).toBe(2 * attempts);
  });

  it.each([
    ['Throttling', 400, 'v1', 5],
    ['ThrottlingException', 400, 'v2', 3],
    ['RequestLimitExceeded', 503, 'v2', 3],
    ['InternalFailure', 500, 'v1', 5],
    ['IDPCommunicationError', 400, 'v2', 3],
    ['RequestTimeout', 400, 'v2', 3],
    ['AccessDenied', 403, 'v1', 1],
    ['SlowDown', 400, 'v1', 1],
    ['ValidationError', 400, 'v2', 1],
  ] as const)(
    'is sent again as the AWS CLI does it: %s with status %s to %s',
    async (code, status, cliVersion, attempts) => {
      const { aws, home } = await arrange();
      await using _aws = aws;
      aws.failNext('AssumeRole', { code, status }, Number.POSITIVE_INFINITY);
      expect(await ask(aws, home, { cliVersion })).not.toBe('token');
      expect(aws.count('AssumeRole')).toBe(attempts);
    },
  );

  it('is sent five times where both versions would make the same token and neither is asked for', async () => {
    const { aws, home } = await arrange();
    await using _aws = aws;
    await using proxy = await aws.startProxy();
    writeFileSync(`${home.directory}/ca.pem`, aws.certificateAuthority);
    const env = { AWS_ENDPOINT_URL: '', HTTPS_PROXY: proxy.url, AWS_CA_BUNDLE: `${home.directory}/ca.pem` };
    aws.failNext('AssumeRole', { code: 'Throttling', status: 400 }, 4);
    expect(await ask(aws, home, { env })).toBe('token');
    expect(aws.count('AssumeRole')).toBe(5);
  });

  it.each([
    ['v2', 3],
    ['v1', 5],
  ] as const)('is sent again after a connection that broke: by %s', async (cliVersion, attempts) => {
    const { aws, home } = await arrange();
    await using _aws = aws;
    aws.failNext('AssumeRole', 'cut', Number.POSITIVE_INFINITY);
    expect(await ask(aws, home, { cliVersion })).toBe('NETWORK');
    expect(aws.count('AssumeRole')).toBe(attempts);
    aws.heal();
    aws.failNext('AssumeRole', 'cut', attempts - 1);
    expect(await ask(aws, home, { cliVersion })).toBe('token');
  });

  it('is sent again where STS could not fetch the key of the identity provider', async () => {
    const { aws, home } = await arrange();
    await using _aws = aws;
    writeFileSync(`${home.directory}/jwt`, 'eyJhbGciOiJub25lIn0.e30.x');
    const message = "Couldn't retrieve verification key from your identity provider";
    const env = { AWS_WEB_IDENTITY_TOKEN_FILE: `${home.directory}/jwt`, AWS_ROLE_ARN: ROLE, AWS_REGION: 'us-west-2' };
    aws.failNext('AssumeRoleWithWebIdentity', { code: 'InvalidIdentityToken', status: 400, message }, 2);
    const args = ['eks', 'get-token', '--cluster-name', 'c'];
    const outside = { ...home.env, AWS_ENDPOINT_URL: aws.endpoint, ...env };
    const manager = new TokenManager(parseExecConfig({ command: 'aws', args }), { env: outside, cache: false });
    // The last answer is another refusal: what STS said before is shown as well, since it may be the cause.
    await expect(manager.getValidToken()).rejects.toThrow(/OpenIDConnect.*before: Couldn't retrieve verification key/);
    expect(aws.count('AssumeRoleWithWebIdentity')).toBe(3);
  });
});

describe('a request to IAM Identity Center', () => {
  it.each<[string, 'GetRoleCredentials' | 'CreateToken', string, number, Asked, number]>([
    [
      'role credentials, throttled by code',
      'GetRoleCredentials',
      'TooManyRequestsException',
      429,
      { cliVersion: 'v2' },
      3,
    ],
    ['role credentials, with v1', 'GetRoleCredentials', 'TooManyRequestsException', 429, { cliVersion: 'v1' }, 5],
    [
      'role credentials, as often as is set',
      'GetRoleCredentials',
      'TooManyRequestsException',
      429,
      { env: { AWS_MAX_ATTEMPTS: '7' } },
      7,
    ],
    ['a refused session', 'GetRoleCredentials', 'UnauthorizedException', 401, { cliVersion: 'v2' }, 1],
    ['a renewal in trouble', 'CreateToken', 'InternalServerException', 500, { cliVersion: 'v2' }, 3],
    ['a renewal with v1', 'CreateToken', 'InternalServerException', 500, { cliVersion: 'v1' }, 5],
  ])('is sent as often as the AWS CLI sends it: %s', async (_, operation, code, status, asked, attempts) => {
    const { aws, home } = await arrange();
    await using _aws = aws;
    // Ten minutes are left: a renewal is due, and what is there still works.
    const expiresInSeconds = operation === 'CreateToken' ? 600 : 3600;
    await aws.ssoLogin(home.directory, { sessionName: 'corp', expiresInSeconds });
    aws.failNext(operation, { code, status }, Number.POSITIVE_INFINITY);
    await ask(aws, home, { ...asked, profile: 's' });
    expect(aws.count(operation)).toBe(attempts);
  });
});
