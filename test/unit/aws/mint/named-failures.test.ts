import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { commandFailure } from '../../../../src/aws/command/command-failure.ts';
import type { EKSAuthError, EKSAuthErrorCode } from '../../../../src/errors.ts';
import { hostFrom } from '../../../../src/host.ts';
import { makeHome, mint } from '../../../support/aws-home.ts';
import { stubAWS } from '../../../support/stub-aws.ts';

const NOW = new Date('2024-06-15T12:34:56Z');
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000).toISOString();
const sha1 = (text: string) => createHash('sha1').update(text).digest('hex');

const KEYS = 'aws_access_key_id = A\naws_secret_access_key = s\n';
const ROLE = `[profile acme]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = b\n[profile b]\n${KEYS}`;
const SSO_ROLE = 'sso_account_id = 1\nsso_role_name = A\n';
const SSO = `[profile acme]\nsso_session = corp\n${SSO_ROLE}[sso-session corp]\nsso_start_url = u\nsso_region = us-east-1\n`;
const LEGACY = `[profile acme]\nsso_start_url = u\nsso_region = us-east-1\n${SSO_ROLE}`;
const login = (expiresAt: string, more: object = {}) => JSON.stringify({ accessToken: 'access', expiresAt, ...more });
const RENEWABLE = { refreshToken: 'r', clientId: 'c', clientSecret: 's', registrationExpiresAt: later(9999) };

interface Failure {
  /** What the AWS CLIs print. */
  readonly said: readonly string[];
  readonly code: EKSAuthErrorCode;
  /** In the remedy of what is told after a command of the CLI, and of what fails in-process. */
  readonly remedy: RegExp;
  /** Where the in-process one is more precise. */
  readonly ownRemedy?: RegExp;
  readonly config?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly stub?: Readonly<Record<string, unknown>>;
}

const LOGIN = /aws sso login --profile acme/;
const assumeRole = (code: string, words: string) =>
  `An error occurred (${code}) when calling the AssumeRole operation: ${words}`;

const FAILURES: Record<string, Failure> = {
  'no credentials': {
    said: [
      'Unable to locate credentials. You can configure credentials by running "aws configure".',
      'aws: [ERROR]: An error occurred (NoCredentials): Unable to locate credentials. You can configure credentials by running "aws login".',
    ],
    code: 'NO_CREDENTIALS',
    remedy: /aws configure( sso)? --profile acme/,
    config: '[profile acme]\n',
  },
  'a profile that does not exist': {
    said: [
      'The config profile (acme) could not be found',
      'aws: [ERROR]: The config profile (acme) could not be found',
    ],
    code: 'PROFILE_NOT_FOUND',
    remedy: /aws configure list-profiles/,
  },
  'an SSO session that has ended': {
    said: ['Error when retrieving token from sso: Token has expired and refresh failed'],
    code: 'SESSION_EXPIRED',
    remedy: LOGIN,
    config: SSO,
    files: { [`.aws/sso/cache/${sha1('corp')}.json`]: login(later(-1)) },
  },
  'an SSO session that nobody logged in to': {
    said: ['Error loading SSO Token: Token for corp does not exist'],
    code: 'SESSION_EXPIRED',
    remedy: LOGIN,
    config: SSO,
  },
  'a legacy SSO login that has ended': {
    said: [
      'The SSO session associated with this profile has expired or is otherwise invalid. To refresh this SSO session run aws sso login with the corresponding profile.',
    ],
    code: 'SESSION_EXPIRED',
    remedy: LOGIN,
    config: LEGACY,
    files: { [`.aws/sso/cache/${sha1('u')}.json`]: login(later(-1)) },
  },
  'an SSO login that AWS no longer takes (401)': {
    said: ['The SSO session associated with this profile has expired or is otherwise invalid.'],
    code: 'SESSION_EXPIRED',
    remedy: LOGIN,
    config: LEGACY,
    files: { [`.aws/sso/cache/${sha1('u')}.json`]: login(later(3600)) },
    stub: { sso: 'unauthorized' },
  },
  'an SSO login whose renewal is refused': {
    said: ['Error when retrieving token from sso: Token has expired and refresh failed'],
    code: 'SESSION_EXPIRED',
    remedy: LOGIN,
    config: SSO,
    files: { [`.aws/sso/cache/${sha1('corp')}.json`]: login(later(-1), RENEWABLE) },
    stub: { oidc: 'expired' },
  },
  'a role that may not be assumed': {
    said: [
      assumeRole(
        'AccessDenied',
        'User: arn:aws:iam::1:user/me is not authorized to perform: sts:AssumeRole on resource: r',
      ),
    ],
    code: 'ACCESS_DENIED',
    remedy: /trust policy of the role.*`aws configure list --profile acme`.*external id.*sts:TagSession/,
    config: ROLE,
    stub: { assumeRole: 'AccessDenied' },
  },
  'temporary keys that have ended': {
    said: [assumeRole('ExpiredToken', 'The security token included in the request is expired')],
    code: 'SESSION_EXPIRED',
    remedy: LOGIN,
    config: ROLE,
    stub: { assumeRole: 'ExpiredToken' },
  },
  'keys that AWS does not know': {
    said: [
      assumeRole('InvalidClientTokenId', 'The security token included in the request is invalid.'),
      'An error occurred (InvalidClientTokenId) when calling the AssumeRole operation (reached max retries: 4): Invalid.',
    ],
    code: 'ACCESS_DENIED',
    remedy: /aws configure list --profile acme.*partition.*session token.*region is not enabled/,
    config: ROLE,
    stub: { assumeRole: 'InvalidClientTokenId' },
  },
  'a region that is not enabled': {
    said: [assumeRole('RegionDisabledException', 'STS is not activated in this region for account:1.')],
    code: 'ACCESS_DENIED',
    remedy: /^Enable the region.*aws account list-regions --region us-east-1 --profile acme/,
    config: ROLE,
    stub: { assumeRole: 'RegionDisabledException' },
  },
  'another secret key': {
    said: [assumeRole('SignatureDoesNotMatch', 'The request signature we calculated does not match the signature')],
    code: 'ACCESS_DENIED',
    remedy: /^Write the secret key again.*aws configure list --profile acme.*clock/,
    config: ROLE,
    stub: { assumeRole: 'SignatureDoesNotMatch' },
  },
  'a clock that is wrong': {
    said: [
      assumeRole('SignatureDoesNotMatch', 'Signature expired: 20261127T000000Z is now earlier than 20261127T001500Z'),
      assumeRole('SignatureDoesNotMatch', 'Signature not yet current: 20261127T003000Z is still later than now'),
      assumeRole('RequestExpired', 'Request has expired.'),
    ],
    code: 'ACCESS_DENIED',
    remedy: /^Set this machine's clock: `date -u`/,
    config: ROLE,
    stub: { assumeRole: 'RequestExpired' },
  },
  'nobody at the endpoint': {
    said: ['Could not connect to the endpoint URL: "https://sts.us-west-2.amazonaws.com/"'],
    code: 'NETWORK',
    remedy: /HTTPS_PROXY/,
    config: ROLE,
    stub: { network: 'unreachable' },
  },
  'an endpoint that does not answer': {
    said: [
      'Connect timeout on endpoint URL: "https://sts.us-west-2.amazonaws.com/"',
      'Read timeout on endpoint URL: "https://sts.us-west-2.amazonaws.com/"',
    ],
    code: 'NETWORK',
    remedy: /HTTPS_PROXY/,
    config: ROLE,
    stub: { network: 'connect-timeout' },
  },
  'a certificate that nobody vouches for': {
    said: ['SSL validation failed for https://sts.us-west-2.amazonaws.com/ certificate verify failed'],
    code: 'NETWORK',
    remedy: /AWS_CA_BUNDLE/,
    config: ROLE,
    stub: { network: 'ssl' },
  },
  'half a key pair in the environment': {
    said: ['Partial credentials found in env, missing: AWS_SECRET_ACCESS_KEY'],
    code: 'NO_CREDENTIALS',
    remedy: /--profile acme/,
    ownRemedy: /Set AWS_SECRET_ACCESS_KEY|AWS_SECRET_ACCESS_KEY/,
    config: '[profile acme]\nrole_arn = arn:aws:iam::123456789012:role/r\ncredential_source = Environment\n',
    env: { AWS_ACCESS_KEY_ID: 'A' },
  },
  'a credential_process that fails': {
    said: ['Error when retrieving credentials from custom-process: vault is sealed'],
    code: 'EXEC_FAILED',
    remedy: /by hand/,
    config: "[profile acme]\ncredential_process = /bin/sh -c 'echo vault is sealed >&2; exit 1'\n",
  },
  'a login that is not there': {
    said: [
      "Error loading login session token: Unable to load a existing login session for session arn, Please reauthenticate with 'aws login'",
    ],
    code: 'SESSION_EXPIRED',
    remedy: /aws login/,
    ownRemedy: /aws login --profile acme/,
    config: '[profile acme]\nlogin_session = arn:aws:sts::123456789012:assumed-role/admin/me\n',
  },
};

describe.each(Object.entries(FAILURES))('the failure %s', (_, failure) => {
  it.each(failure.said)('is recognised as the AWS CLI says it: %s', (said) => {
    const told = commandFailure('aws', 'exited with status 255', `\n${said}\n`, 'acme');
    expect(told).toMatchObject({ code: failure.code, remedy: expect.stringMatching(failure.remedy) });
    expect(told.message).toContain(said);
  });

  it('has the same code in-process, and the next command with the profile', async () => {
    const { config = '', files = {}, env = {}, stub = {}, code, remedy, ownRemedy = remedy } = failure;
    const world = await makeHome({ '.aws/config': config, ...files }, env);
    const { transport } = stubAWS({ now: NOW, stub });
    const host = hostFrom({ env: world.env, now: () => NOW });
    const args = ['--profile', 'acme', '--region', 'us-west-2'];
    const { minted } = await mint(world, args, { transport, host }, 'v2');
    expect(minted).toMatchObject({ code, remedy: expect.stringMatching(ownRemedy) });
    if (code !== 'NETWORK')
      expect(`${(minted as EKSAuthError).message} ${(minted as EKSAuthError).remedy}`).toMatch(/acme|AWS_SECRET|clock/);
  });
});
