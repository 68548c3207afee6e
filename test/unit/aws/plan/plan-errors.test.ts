import { describe, expect, it } from 'vitest';
import { EKSAuthError, type EKSAuthErrorCode } from '../../../../src/errors.ts';
import { makeHome, mint } from '../../../support/aws-home.ts';
import { NOWHERE } from '../../../support/paths.ts';

/** Text of the config file, arguments, environment -> code, what the message names, what the remedy says. */
type Case = [
  title: string,
  given: {
    config?: string;
    credentials?: string;
    args?: string[];
    env?: Record<string, string>;
    version?: 'v1' | 'v2';
  },
  code: EKSAuthErrorCode,
  message: RegExp,
  remedy: RegExp,
];

const ROLE = 'role_arn = arn:aws:iam::123456789012:role/r';
const P = ['--profile', 'p'];

const CASES: Case[] = [
  [
    'an unknown profile',
    { args: P },
    'PROFILE_NOT_FOUND',
    /The AWS profile "p" is in none of the AWS files: "(?:C:)?\/.*\/\.aws\/config", "(?:C:)?\/.*\/\.aws\/credentials"\.$/,
    /aws configure list-profiles.*--profile p/,
  ],
  [
    'a profile with a slip in its name',
    { args: ['--profile', 'acme-pord'], config: '[profile acme-prod]\n[profile other]\n' },
    'PROFILE_NOT_FOUND',
    /credentials"\. Did you mean "acme-prod"\?$/,
    /aws configure list-profiles/,
  ],
  [
    'a profile where a variable says that there are no files',
    { args: P, env: { AWS_CONFIG_FILE: '', AWS_SHARED_CREDENTIALS_FILE: '/nowhere/else' } },
    'PROFILE_NOT_FOUND',
    /files: none \(AWS_CONFIG_FILE is empty\), "\/nowhere\/else"\.$/,
    /aws configure list-profiles/,
  ],
  [
    'half a pair in the environment',
    { env: { AWS_ACCESS_KEY_ID: 'A' } },
    'NO_CREDENTIALS',
    /AWS_SECRET_ACCESS_KEY is missing/,
    /AWS_SECRET_ACCESS_KEY/,
  ],
  [
    'half a pair in the config file',
    { config: '[profile p]\naws_access_key_id = A\n', args: P },
    'NO_CREDENTIALS',
    /"p" of the config file.*aws_secret_access_key/,
    /aws_secret_access_key/,
  ],
  [
    'half a pair in the credentials file',
    { credentials: '[p]\naws_access_key_id = A\n', args: P },
    'NO_CREDENTIALS',
    /"p" of the credentials file/,
    /aws_secret_access_key/,
  ],
  [
    'a role for nobody',
    { config: `[profile p]\n${ROLE}\n`, args: P },
    'NO_CREDENTIALS',
    /"p" has role_arn, but nothing/,
    /aws configure set source_profile .*--profile p/,
  ],
  [
    'a role with two sources',
    { config: `[profile p]\n${ROLE}\nsource_profile = q\ncredential_source = Environment\n`, args: P },
    'INVALID_CONFIG',
    /"p" has both/,
    /--profile p/,
  ],
  [
    'a source that does not exist',
    { config: `[profile p]\n${ROLE}\nsource_profile = gone\n`, args: P },
    'INVALID_CONFIG',
    /"gone" of the profile "p" does not exist/,
    /--profile p/,
  ],
  [
    'a source without credentials',
    { config: `[profile p]\n${ROLE}\nsource_profile = q\n[profile q]\n`, args: P },
    'INVALID_CONFIG',
    /"q" of the profile "p" has no credentials/,
    /--profile p/,
  ],
  [
    'a circle of sources',
    { config: `[profile p]\n${ROLE}\nsource_profile = q\n[profile q]\n${ROLE}\nsource_profile = p\n`, args: P },
    'INVALID_CONFIG',
    /of "q" leads back to "p"/,
    /--profile q/,
  ],
  [
    'a profile that is its own source, without keys',
    { config: `[profile p]\n${ROLE}\nsource_profile = p\n`, args: P },
    'INVALID_CONFIG',
    /of "p" leads back to "p"/,
    /--profile p/,
  ],
  [
    'an unknown credential_source',
    { config: `[profile p]\n${ROLE}\ncredential_source = ec2\n`, args: P },
    'INVALID_CONFIG',
    /"ec2" is not a credential_source/,
    /Ec2InstanceMetadata/,
  ],
  [
    'a credential_source that has none',
    { config: `[profile p]\n${ROLE}\ncredential_source = Environment\n`, args: P },
    'NO_CREDENTIALS',
    /Environment of the profile "p"/,
    /source_profile/,
  ],
  [
    'a credential_source with half a pair',
    { config: `[profile p]\n${ROLE}\ncredential_source = Environment\n`, args: P, env: { AWS_ACCESS_KEY_ID: 'A' } },
    'NO_CREDENTIALS',
    /AWS_SECRET_ACCESS_KEY is missing/,
    /AWS_SECRET_ACCESS_KEY/,
  ],
  [
    'a web identity without a role',
    { env: { AWS_WEB_IDENTITY_TOKEN_FILE: '/jwt' } },
    'INVALID_CONFIG',
    /\/jwt.*no role/,
    /AWS_ROLE_ARN/,
  ],
  [
    'a web identity without its file',
    { env: { AWS_WEB_IDENTITY_TOKEN_FILE: `${NOWHERE}/jwt`, AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/w' } },
    'NO_CREDENTIALS',
    /\/nowhere\/jwt cannot be read \(ENOENT\)/,
    /AWS_WEB_IDENTITY_TOKEN_FILE/,
  ],
  [
    'an SSO profile without a role',
    { config: '[profile p]\nsso_account_id = 1\nsso_start_url = u\nsso_region = r\n', args: P },
    'INVALID_CONFIG',
    /"p" lacks sso_role_name/,
    /aws configure sso --profile p/,
  ],
  [
    'an SSO session that does not exist',
    { config: '[profile p]\nsso_session = gone\nsso_account_id = 1\n', args: P },
    'INVALID_CONFIG',
    /"p" names the sso-session "gone"/,
    /aws configure sso --profile p/,
  ],
  [
    'one that does not exist, though nobody needs it',
    { config: '[default]\nsso_session = gone\n', env: { AWS_ACCESS_KEY_ID: 'A', AWS_SECRET_ACCESS_KEY: 's' } },
    'INVALID_CONFIG',
    /"default" names the sso-session "gone"/,
    /aws configure sso/,
  ],
  [
    'an SSO session without a region',
    {
      config:
        '[profile p]\nsso_session = s\nsso_account_id = 1\nsso_role_name = r\n[sso-session s]\nsso_start_url = u\n',
      args: P,
    },
    'INVALID_CONFIG',
    /"s" lacks sso_region/,
    /aws configure sso --profile p/,
  ],
  [
    'an SSO session that contradicts the profile',
    {
      config:
        '[profile p]\nsso_session = s\nsso_account_id = 1\nsso_role_name = r\nsso_region = a\n[sso-session s]\nsso_start_url = u\nsso_region = b\n',
      args: P,
    },
    'INVALID_CONFIG',
    /"sso_region" of the profile "p" contradicts the sso-session "s"/,
    /Remove one/,
  ],
  [
    'services that do not exist',
    { config: '[profile p]\nservices = gone\naws_access_key_id = A\naws_secret_access_key = s\n', args: P },
    'INVALID_CONFIG',
    /services section "gone"/,
    /\[services gone\]/,
  ],
  [
    'a region that is none',
    { args: ['--region', 'us_west_2'] },
    'INVALID_CONFIG',
    /^"us_west_2" is not an AWS region\.$/,
    /^Name one, for example us-east-1\.$/,
  ],
  [
    'an empty region',
    { env: { AWS_DEFAULT_REGION: '', AWS_ACCESS_KEY_ID: 'A', AWS_SECRET_ACCESS_KEY: 's' } },
    'INVALID_CONFIG',
    /"" is not an AWS region \(from the environment\)/,
    /us-east-1/,
  ],
  [
    'an endpoint without a region',
    { env: { AWS_ENDPOINT_URL: 'https://x.example.com', AWS_ACCESS_KEY_ID: 'A', AWS_SECRET_ACCESS_KEY: 's' } },
    'INVALID_CONFIG',
    /no region/,
    /AWS_DEFAULT_REGION/,
  ],
  [
    'an endpoint and a region that version 1 does not read',
    {
      version: 'v1',
      env: {
        AWS_ENDPOINT_URL: 'https://x.example.com',
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'A',
        AWS_SECRET_ACCESS_KEY: 's',
      },
    },
    'INVALID_CONFIG',
    /no region/,
    /^Set AWS_DEFAULT_REGION too: version 1 of the AWS CLI does not read AWS_REGION\.$/,
  ],
  [
    'an unknown kind of STS endpoint',
    { version: 'v1', env: { AWS_STS_REGIONAL_ENDPOINTS: 'near', AWS_ACCESS_KEY_ID: 'A', AWS_SECRET_ACCESS_KEY: 's' } },
    'INVALID_CONFIG',
    /"near", which is neither legacy nor regional/,
    /AWS_STS_REGIONAL_ENDPOINTS/,
  ],
  [
    'a role that is none',
    { args: ['--role-arn', 'admin'], env: { AWS_ACCESS_KEY_ID: 'A', AWS_SECRET_ACCESS_KEY: 's' } },
    'INVALID_CONFIG',
    /"admin" is not a role/,
    /arn:aws:iam::123456789012:role\/admin/,
  ],
  [
    'an endpoint that is no URL',
    { args: ['--endpoint-url', 'here'] },
    'INVALID_CONFIG',
    /--endpoint-url is not a URL/,
    /Remove --endpoint-url/,
  ],
  [
    'a file for an argument that is not there',
    { args: ['--role-arn', `file://${NOWHERE}/role`] },
    'INVALID_CONFIG',
    /file:\/\/.*\/nowhere\/role" names a file/,
    /Make "(?:C:)?\/.*nowhere\/role"/,
  ],
  [
    'an option of the other version',
    { args: ['--no-cli-pager'], version: 'v1' },
    'INVALID_CONFIG',
    /AWS CLI v1 would not accept.*--no-cli-pager/,
    /aws eks update-kubeconfig/,
  ],
  [
    'a Kubernetes client that is broken',
    { env: { KUBERNETES_EXEC_INFO: '[]', AWS_ACCESS_KEY_ID: 'A', AWS_SECRET_ACCESS_KEY: 's' } },
    'INVALID_CONFIG',
    /KUBERNETES_EXEC_INFO/,
    /unset KUBERNETES_EXEC_INFO/,
  ],
  [
    'a broken config file',
    { config: '[default]\nnonsense\n' },
    'INVALID_CONFIG',
    /cannot read .*\/\.aws\/config: neither a section nor a key with a value \(line 2\)/,
    /Correct .*\/\.aws\/config/,
  ],
  [
    'a broken credentials file',
    { credentials: '[a]\n[a]\n' },
    'INVALID_CONFIG',
    /cannot read .*\/\.aws\/credentials: a section twice \(line 2\)/,
    /\/\.aws\/credentials/,
  ],
  [
    'keys that have ended',
    { env: { AWS_ACCESS_KEY_ID: 'A', AWS_SECRET_ACCESS_KEY: 's', AWS_CREDENTIAL_EXPIRATION: '2024-06-15T12:00:00Z' } },
    'SESSION_EXPIRED',
    /ended at 2024-06-15T12:00:00.000Z/,
    /AWS_ACCESS_KEY_ID/,
  ],
  ['nothing at all', {}, 'NO_CREDENTIALS', /There are no AWS credentials\./, /aws configure sso/],
];

/** On Windows the paths of a text, which may be quoted, as those of Unix. */
function withSlashes(text: string): string {
  return process.platform === 'win32' ? text.replace(/\\+/g, '/') : text;
}

describe('the error about a mistake', () => {
  it.each(CASES)(
    'has a code, the cause and a command: %s',
    async (_, { config = '', credentials = '', args = [], env = {}, version = 'v2' }, code, message, remedy) => {
      const world = await makeHome({ '.aws/config': config, '.aws/credentials': credentials }, env);
      const { minted } = await mint(world, args, {}, version);
      if (!(minted instanceof EKSAuthError)) throw new Error('nothing was wrong with it');
      expect(minted.code).toBe(code);
      expect(withSlashes(minted.message)).toMatch(message);
      expect(withSlashes(minted.remedy)).toMatch(remedy);
    },
  );
});
