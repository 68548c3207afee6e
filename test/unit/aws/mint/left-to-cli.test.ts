import { describe, expect, it } from 'vitest';
import type { CLIVersion } from '../../../../src/aws/stanza/get-token-arguments.ts';
import { makeHome, mint } from '../../../support/aws-home.ts';
import { NOWHERE } from '../../../support/paths.ts';

const KEYS = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'hush/hush+hush' };
const REGION = { AWS_DEFAULT_REGION: 'us-west-2' };
const ROLE_ARN = 'arn:aws:iam::123456789012:role/x';
const SSO = ['sso_start_url = u', 'sso_account_id = 1', 'sso_role_name = r', 'sso_region = us_east'].join('\n');

interface Scene {
  /** Of the profile in force. */
  readonly config?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
}

/** A title says what; the AWS CLI fails on the first kind, or its release, its Python or the machine decides. */
const LEFT: Readonly<Record<string, Scene>> = {
  'a time format that is none': { config: 'cli_timestamp_format = garbage' },
  'an empty time format': { config: 'cli_timestamp_format =' },
  'a time format of v1': { config: 'cli_timestamp_format = none' },
  'a binary format that is none': { config: 'cli_binary_format = garbage' },
  'an output format that is none': { config: 'output = garbage' },
  'an output format of the environment that is none': { env: { AWS_DEFAULT_OUTPUT: 'garbage' } },
  'no output at all': { args: ['--output', 'off'] },
  'an S3 address style that is none': { config: 's3 =\n  addressing_style = garbage' },
  'an S3 endpoint choice that is none': { config: 's3_us_east_1_regional_endpoint = garbage' },
  'the same in the environment': { env: { AWS_S3_US_EAST_1_REGIONAL_ENDPOINT: 'garbage' } },
  'a file for the keys of TLS': { env: { SSLKEYLOGFILE: `${NOWHERE}/keys` } },
  'empty API versions': { config: 'api_versions =' },
  'empty API versions of the profile that --profile replaces': {
    config: 'api_versions =\n[profile other]\nregion = us-east-1',
    args: ['--profile', 'other'],
  },
  'dual-stack names of partitions that some releases refuse': {
    env: { AWS_DEFAULT_REGION: 'us-isof-south-1', AWS_USE_DUALSTACK_ENDPOINT: 'true' },
  },
  'the same beside a configured endpoint': {
    env: {
      ...{ AWS_DEFAULT_REGION: 'eu-isoe-west-1', AWS_USE_DUALSTACK_ENDPOINT: 'true' },
      AWS_ENDPOINT_URL_STS: 'https://sts.example.com',
    },
  },
  'a region that ends its line': { args: ['--region', 'us-east-1\n'] },
  'an endpoint that is no host to anybody': { env: { AWS_ENDPOINT_URL_STS: 'https://xn--a.b' } },
  'an argument of another encoding': {
    args: ['--cluster-name', 'file:///etc/hostname'],
    env: { AWS_CLI_FILE_ENCODING: 'latin-1' },
  },
  'an endpoint flag that begins with a blank': { args: ['--endpoint-url', ' http://x'] },
  'digits of another script': {
    config: `role_arn = ${ROLE_ARN}\nsource_profile = default\nduration_seconds = ９００`,
    env: { AWS_ACCESS_KEY_ID: '' },
  },
  'a web identity with half a role': {
    env: { AWS_ACCESS_KEY_ID: '', AWS_WEB_IDENTITY_TOKEN_FILE: '/jwt', AWS_ROLE_ARN: 'r' },
  },
  'a web identity with a session name of one letter': {
    env: {
      ...{ AWS_ACCESS_KEY_ID: '', AWS_WEB_IDENTITY_TOKEN_FILE: '/jwt', AWS_ROLE_ARN: ROLE_ARN },
      AWS_ROLE_SESSION_NAME: 'a',
    },
  },
  'a login in a region that is none': { config: SSO, env: { AWS_ACCESS_KEY_ID: '' } },
  'a locale that does not say its characters': { config: 'region = us-east-1\n# é', env: { LC_ALL: 'de_DE' } },
  'a locale of other characters': { config: 'region = us-east-1\n# é', env: { LANG: 'de_DE.ISO-8859-1@euro' } },
  ...(process.platform === 'linux' && {
    'a config file that has no end': { env: { AWS_CONFIG_FILE: '/proc/self/pagemap' } },
    'a credentials file that breaks off': { env: { AWS_SHARED_CREDENTIALS_FILE: '/proc/self/mem' } },
  }),
  'a Python told not to read UTF-8': { config: 'region = us-east-1\n# é', env: { PYTHONUTF8: '0' } },
};

/** These are of one generation: the other one knows no such value, or reads no such setting. */
const OF_ONE: Readonly<Record<string, CLIVersion>> = {
  'no output at all': 'v2',
  'empty API versions of the profile that --profile replaces': 'v1',
};

describe.each<CLIVersion>(['v1', 'v2'])('the plan for %s', (version) => {
  const cases = Object.entries(LEFT).filter(([title]) => (OF_ONE[title] ?? version) === version);

  it.each(cases)('leaves this to the original command: %s', async (_, { config, env, args, files }) => {
    const world = await makeHome(
      { ...files, ...(config === undefined ? {} : { '.aws/config': `[default]\n${config}\n` }) },
      { ...KEYS, ...REGION, ...env },
    );
    const { minted } = await mint(world, args, {}, version);
    expect(minted).toMatchObject({ kind: 'undecided', reason: expect.stringMatching(/\w/) });
  });
});

const ANSWER = JSON.stringify({
  AccessKeyId: 'A',
  SecretAccessKey: 's',
  Token: 't',
  Expiration: '2099-01-01T00:00:00Z',
});

describe('container credentials', () => {
  const address = async (url: string) => {
    const world = await makeHome({}, { ...REGION, AWS_CONTAINER_CREDENTIALS_FULL_URI: url });
    const asked: string[] = [];
    const transport = async (request: { readonly url: string }) => {
      asked.push(request.url);
      return { status: 200, headers: {}, body: ANSWER };
    };
    const { minted } = await mint(world, [], { transport });
    return { minted, asked };
  };

  it.each([
    'http://127.1/c',
    'http://2130706433/c',
    'http://0x7f000001/c',
    'http://0177.0.0.1/c',
    'http://127.000.000.001/c',
    'http://127.0.0.01/c',
    'http://LOCALHOST/c',
    'http://[0:0:0:0:0:0:0:1]/c',
    'http://user@127.0.0.1/c',
    'http://user:hush@127.0.0.1/c',
    'http://127.0.0.1/%7e',
    'http://127.0.0.1/x/../y',
    'http://127.0.0.1/x;y',
    'http://127.0.0.1/x#y',
    'http://127.0.0.1:080/x',
    'nonsense',
  ])('are left to the original command at %s, as Python may read it otherwise', async (url) => {
    const { minted, asked } = await address(url);
    expect(minted).toMatchObject({ kind: 'undecided' });
    expect(JSON.stringify(minted)).not.toContain('hush');
    expect(asked).toEqual([]);
  });

  it.each([
    'http://127.0.0.1:8080/a/b?c=d&e=f',
    'http://[::1]/c',
    'http://[fd00:ec2::23]/v1/credentials',
    'https://x.y/c',
  ])('come from %s as it stands', async (url) => {
    const { minted, asked } = await address(url);
    expect(minted).toMatchObject({ kind: 'minted', accessKeyId: 'A' });
    expect(asked).toEqual([url]);
  });
});

describe('an odd setting that is certain', () => {
  const CERTAIN: Readonly<Record<string, Scene>> = {
    'formats of the answer': { config: 'output = table\ncli_timestamp_format = wire\ncli_binary_format = base64' },
    'an output format that a flag overrules': { config: 'output = garbage', args: ['--output', 'json'] },
    'settings of S3': { config: 's3 =\n  addressing_style = path\n  max_concurrent_requests = 20' },
    'a locale of UTF-8': { config: 'region = us-east-1\n# é', env: { LC_ALL: 'de_DE.utf8' } },
    'no locale': { config: 'region = us-east-1\n# é', env: { LC_ALL: 'C' } },
    'JSON that is none, for the client': { env: { KUBERNETES_EXEC_INFO: '{NaN' } },
    'an object that only Python can read': { env: { KUBERNETES_EXEC_INFO: '{"apiVersion":NaN}' } },
    'a new partition': { args: ['--region', 'eusc-de-east-1'] },
  };

  it.each(Object.entries(CERTAIN))('is decided in-process: %s', async (_, { config, env, args }) => {
    const world = await makeHome(config === undefined ? {} : { '.aws/config': `[default]\n${config}\n` }, {
      ...KEYS,
      ...REGION,
      ...env,
    });
    expect((await mint(world, args)).minted).toMatchObject({ kind: 'minted', accessKeyId: 'AKIDEXAMPLE' });
  });
});

it.each(['NaN', 'Infinity', ' -Infinity', '[NaN]'])('KUBERNETES_EXEC_INFO = %s is JSON to Python', async (info) => {
  const world = await makeHome({}, { ...KEYS, ...REGION, KUBERNETES_EXEC_INFO: info });
  expect((await mint(world)).minted).toMatchObject({ code: 'INVALID_CONFIG' });
});

it('A `~` that a variable brings into file:// is a letter', async () => {
  const world = await makeHome({ name: 'from-home' }, { ...KEYS, ...REGION, T: '~' });
  const args = ['--cluster-name', 'file://$T/name'];
  expect((await mint(world, args)).minted).toMatchObject({ code: 'INVALID_CONFIG' });
  expect((await mint(world, ['--cluster-name', 'file://~/name'])).minted).toMatchObject({ kind: 'minted' });
});
