import { createHash } from 'node:crypto';
import type { Random } from './random.ts';

/** What one run of `aws eks get-token` meets. `${HOME}`, `${STUB}` and `${AWS}` are filled in by the runner. */
export interface Situation {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
  /** A script called `aws` that is run instead of the CLI itself, for which `${AWS}` stands. */
  readonly script?: string;
}

export interface SituationOptions {
  /** Whether this CLI can be pointed to a server of ours (AWS_ENDPOINT_URL…); without that nothing may need a network. */
  readonly network: boolean;
}

const PROFILES = ['default', 'dev', 'prod', 'my prof', 'base', 'sso', 'x'] as const;
/** Those that always exist where there are no mistakes. */
const SAFE_PROFILES = ['default', 'dev', 'prod', 'my prof', 'base', 'sso'] as const;
const REGIONS = [
  'us-west-2',
  'eu-central-1',
  'us-gov-west-1',
  'cn-north-1',
  'us-east-1-fips',
  'aws-global',
  'xx-new-1',
  'US-EAST-1',
];
/** Of partitions that came late, and in which not every name exists. */
const RARE_REGIONS = [
  'us-iso-east-1',
  'us-isob-east-1',
  'eu-isoe-west-1',
  'us-isof-south-1',
  'eusc-de-east-1',
  'aws-iso-global',
  'fips-fips-us-west-2',
];
/** What may stand in the place of the CLI; the first three make somebody else of their caller. */
const SCRIPTS = [
  '#!/bin/sh\nAWS_PROFILE=base exec ${AWS} "$@"\n',
  '#!/bin/sh\nexport AWS_ACCESS_KEY_ID=AKIDSCRIPT AWS_SECRET_ACCESS_KEY=s\nexec ${AWS} "$@"\n',
  '#!/bin/sh\nexec ${AWS} "$@" --region eu-west-3\n',
  '#!/bin/sh\nexec "${AWS}" "$@"\n',
];
const ROLE = 'arn:aws:iam::123456789012:role/';
const SSO_SESSION = 'corp';
const START_URL = 'https://corp.awsapps.com/start';

/** A situation that may be anything from plain to absurd. */
export function randomSituation(random: Random, options: SituationOptions): Situation {
  // Most situations hold no mistakes: those that do end the same boring way.
  const mistakes = random.chance(0.3);
  const style: Style = { ...options, mistakes, wrong: (probability) => mistakes && random.chance(probability) };
  const files = randomFiles(random, style);
  const env = randomEnvironment(random, style);
  const args = randomArguments(random, style);
  return { args, env, files, ...(random.chance(0.06) ? { script: random.pick(SCRIPTS) } : {}) };
}

const regionOf = (random: Random): string => random.pick(random.chance(0.12) ? RARE_REGIONS : REGIONS);

interface Style extends SituationOptions {
  readonly mistakes: boolean;
  /** Never without mistakes. */
  wrong(probability: number): boolean;
}

function randomArguments(random: Random, { network, mistakes, wrong }: Style): string[] {
  const globals: string[][] = [];
  const option = (name: string, value: string) => (random.chance(0.3) ? [`--${name}=${value}`] : [`--${name}`, value]);
  const region = random.pick(['region', 'region', 'reg', 'r']);
  if (random.chance(0.6))
    globals.push(option(region, wrong(0.2) ? random.pick(['', 'us_west_2', '123', 'us-east-1\n']) : regionOf(random)));
  if (random.chance(0.5))
    globals.push(
      option(random.pick(['profile', 'prof']), random.pick([...SAFE_PROFILES, ...(mistakes ? ['x', 'nope'] : []), ''])),
    );
  if (random.chance(0.3))
    globals.push(
      option(
        'output',
        mistakes ? random.pick(['json', 'bogus', 'off', 'yaml']) : random.pick(['json', 'json', 'text']),
      ),
    );
  if (random.chance(0.1)) globals.push([random.pick(['--debug', '--no-paginate', '--no-verify-ssl'])]);
  if (random.chance(0.1))
    globals.push(option('endpoint-url', mistakes ? random.pick(['nonsense', ' http://x']) : 'https://eks.example.com'));
  if (random.chance(0.1)) globals.push(option('cli-read-timeout', random.pick(['5', '0'])));
  if (random.chance(0.1)) globals.push(option('region', regionOf(random)));
  if (wrong(0.05)) globals.push(option('cli-error-format', 'json'));
  const own: string[][] = [];
  const cluster = random.pick([
    'c',
    'my cluster',
    '  spaced  out ',
    'kürbis',
    'a,b',
    '-dash dash',
    'file://${HOME}/name',
    'file://~/name',
    'file://$TILDE/name',
  ]);
  if (random.chance(0.97))
    own.push(option(random.pick(['cluster-name', 'cluster-name', 'cluster-na', 'cluster-id']), cluster));
  if (wrong(0.2)) own.push(option('cluster-name', 'second'));
  if (random.chance(network ? 0.25 : 0.05)) {
    own.push(
      option(random.pick(['role-arn', 'role']), wrong(0.3) ? 'short' : random.pick([`${ROLE}top`, `${ROLE}team/top`])),
    );
  }
  const before = random.some(globals, 0.5);
  const after = globals.filter((given) => !before.includes(given));
  return [...before.flat(), 'eks', 'get-token', ...random.shuffled([...own, ...after]).flat()];
}

function randomEnvironment(random: Random, { network, mistakes, wrong }: Style): Record<string, string> {
  const env: Record<string, string> = { AWS_EC2_METADATA_DISABLED: random.pick(['true', 'True', 'true', 'TRUE']) };
  const maybe = (probability: number, name: string, values: readonly string[]) => {
    if (random.chance(probability)) env[name] = random.pick(values);
  };
  if (random.chance(0.35)) {
    env.AWS_ACCESS_KEY_ID = 'AKIDENVIRONMENT';
    if (!wrong(0.2)) env.AWS_SECRET_ACCESS_KEY = 'environment/secret+key';
    maybe(0.4, 'AWS_SESSION_TOKEN', ['environment+token/==', '']);
    maybe(0.1, 'AWS_SECURITY_TOKEN', ['security+token']);
    maybe(0.15, 'AWS_CREDENTIAL_EXPIRATION', [
      '2024-06-15T18:00:00Z',
      '2024-06-15T12:00:00Z',
      '2024-06-15T12:40:00+00:00',
    ]);
  }
  maybe(0.25, 'AWS_PROFILE', [...SAFE_PROFILES, ...(mistakes ? ['x', 'nope', ''] : [])]);
  maybe(0.15, 'AWS_DEFAULT_PROFILE', [...SAFE_PROFILES, ...(mistakes ? ['x', 'nope'] : [])]);
  maybe(0.3, 'AWS_REGION', [...REGIONS, ...RARE_REGIONS, ...(mistakes ? [''] : [])]);
  maybe(0.3, 'AWS_DEFAULT_REGION', [...REGIONS, ...RARE_REGIONS]);
  maybe(0.1, 'AWS_USE_FIPS_ENDPOINT', ['true', 'TRUE', '1', 'false']);
  maybe(0.1, 'AWS_USE_DUALSTACK_ENDPOINT', ['true', 'false']);
  maybe(0.15, 'AWS_STS_REGIONAL_ENDPOINTS', ['legacy', 'regional', ...(mistakes ? ['odd'] : [])]);
  maybe(0.05, 'AWS_CONFIG_FILE', ['', '~/.aws/config', '${HOME}/nowhere', '$HOME/.aws/config']);
  maybe(0.05, 'AWS_SHARED_CREDENTIALS_FILE', ['~/.aws/credentials', '${HOME}/nowhere']);
  maybe(0.1, 'KUBERNETES_EXEC_INFO', [
    '',
    '{',
    '{"apiVersion":"client.authentication.k8s.io/v1"}',
    ...(mistakes ? ['[]', 'NaN', '-Infinity', '[NaN]', '{"a":NaN}'] : []),
  ]);
  maybe(0.04, 'TILDE', ['~', '${HOME}']);
  maybe(0.04, 'AWS_DEFAULT_OUTPUT', ['json', 'text', 'table', ...(mistakes ? ['yaml', 'off', 'bogus', ''] : [])]);
  maybe(0.03, 'LC_ALL', ['C', 'C.UTF-8', 'de_DE', 'de_DE.ISO-8859-1']);
  if (wrong(0.05)) env.AWS_CLI_FILE_ENCODING = random.pick(['latin-1', 'utf-8', 'utf-16']);
  if (wrong(0.05)) env.SSLKEYLOGFILE = '/nowhere/keys';
  if (wrong(0.05)) env.AWS_S3_US_EAST_1_REGIONAL_ENDPOINT = random.pick(['legacy', 'garbage']);
  // Without other folders for the files, or anything for the CLI to keep there: it is the root folder's.
  if (random.chance(0.03) && env.AWS_CONFIG_FILE === undefined && env.AWS_SHARED_CREDENTIALS_FILE === undefined) {
    return { ...env, HOME: '' };
  }
  if (!network) return env;
  env.AWS_ENDPOINT_URL_STS = random.chance(0.8)
    ? '${STUB}/sts'
    : random.pick(['${STUB}/sts/', '${STUB}/sts/~a.b', '${STUB}/sts//a', '${STUB}/sts/a/../b', '${STUB}/sts/./a/']);
  env.AWS_ENDPOINT_URL_SSO = '${STUB}/sso';
  env.AWS_ENDPOINT_URL_SSO_OIDC = '${STUB}/oidc';
  if (random.chance(0.1)) delete env.AWS_ENDPOINT_URL_STS;
  maybe(0.05, 'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS', ['false', 'no']);
  if (random.chance(0.1)) {
    env.AWS_WEB_IDENTITY_TOKEN_FILE = '${HOME}/jwt';
    if (!wrong(0.3)) env.AWS_ROLE_ARN = wrong(0.2) ? 'short' : `${ROLE}irsa`;
    maybe(0.5, 'AWS_ROLE_SESSION_NAME', ['pod-session', '', ...(mistakes ? ['a'] : [])]);
  }
  if (random.chance(0.15)) {
    env.AWS_CONTAINER_CREDENTIALS_FULL_URI = random.chance(0.7)
      ? '${STUB}/container'
      : random.pick(['${PORT@127.1}/container', '${PORT@localhost}/container?a=b', '${STUB}/container/%7e/../x;y']);
    maybe(0.5, 'AWS_CONTAINER_AUTHORIZATION_TOKEN', ['Basic abc']);
  }
  if (random.chance(0.15)) {
    env.AWS_EC2_METADATA_DISABLED = random.pick(['false', '1']);
    env.AWS_EC2_METADATA_SERVICE_ENDPOINT = '${STUB}/imds/';
  }
  return env;
}

function randomFiles(random: Random, style: Style): Record<string, string> {
  const { network, mistakes, wrong } = style;
  const files: Record<string, string> = {
    name: random.pick(['from-a-file\n', 'café']),
    jwt: 'header.payload.signature',
    'process.json': processAnswer(random, style),
  };
  const config: string[] = [];
  const credentials: string[] = [];
  for (const profile of random.shuffled(mistakes ? random.some(PROFILES, 0.75) : SAFE_PROFILES)) {
    const inConfig = profileLines(random, profile, style);
    const header =
      profile === 'default'
        ? random.pick(['default', 'default', 'profile default'])
        : `profile ${quoted(random, profile)}`;
    if (inConfig.length > 0 || random.chance(0.5))
      config.push(`[${header}]${random.chance(0.1) ? ' # x' : ''}`, ...inConfig);
    const inCredentials =
      profile === 'base' || random.chance(0.4) ? keyLines(random, `AKIDCREDENTIALS${profile.length}`, style) : [];
    if (inCredentials.length > 0) credentials.push(`[${profile}]`, ...inCredentials);
  }
  config.push(`[sso-session ${SSO_SESSION}]`, `sso_start_url = ${START_URL}`);
  if (!wrong(0.1)) config.push('sso_region = us-east-1');
  config.push(
    '[services mine]',
    'sts =',
    `  endpoint_url = ${network ? '${STUB}/sts/services' : 'https://sts.example.com'}`,
  );
  if (random.chance(0.05)) config.push('[DEFAULT]', 'region = sa-east-1');
  if (random.chance(0.03))
    config.push(random.pick(['no section or key', '[profile dev]', '[profile dev]\nregion = a\nregion = b']));
  const end = random.chance(0.15) ? '\r\n' : '\n';
  if (!wrong(0.1)) files['.aws/config'] = config.join(end) + end;
  if (!wrong(0.1)) files['.aws/credentials'] = credentials.join(end) + end;
  if (wrong(0.05)) files['.aws/config'] = `\ufeff${files['.aws/config'] ?? ''}`;
  if (random.chance(0.05)) files['.aws/cli/alias'] = '[toplevel]\nwho = sts get-caller-identity\n';
  for (const key of [SSO_SESSION, START_URL]) {
    if (!wrong(0.2)) files[`.aws/sso/cache/${sha1(key)}.json`] = ssoToken(random, style);
  }
  for (const cached of random.some(
    [`{"RoleArn": "${ROLE}one"}`, `{"ExternalId": "ext", "RoleArn": "${ROLE}one"}`],
    0.15,
  )) {
    files[`.aws/cli/cache/${sha1(cached)}.json`] = cachedRole(random);
  }
  return files;
}

function profileLines(random: Random, profile: string, style: Style): string[] {
  const { network, mistakes, wrong } = style;
  const lines: string[] = [];
  const set = (key: string, value: string) => {
    const name = random.chance(0.1) ? key.toUpperCase() : key;
    lines.push(`${name}${random.pick([' = ', '=', ': ', ' : ', '  =  '])}${value}${random.chance(0.05) ? '   ' : ''}`);
    if (random.chance(0.05)) lines.push(random.pick(['', '# comment', '; comment', '   # indented comment']));
  };
  const maybe = (probability: number, key: string, values: readonly string[]) => {
    if (random.chance(probability)) set(key, random.pick(values));
  };
  maybe(0.4, 'region', [...REGIONS, ...(mistakes ? ['eu-west-1 # not a comment'] : [])]);
  if (random.chance(0.25)) for (const line of keyLines(random, `AKIDCONFIG${profile.length}`, style)) lines.push(line);
  maybe(0.05, 'use_fips_endpoint', ['true', 'false']);
  maybe(0.05, 'use_dualstack_endpoint', ['true', 'false']);
  maybe(0.05, 'sts_regional_endpoints', ['legacy', 'regional']);
  maybe(0.05, 'services', mistakes ? ['mine', 'gone'] : ['mine']);
  maybe(0.03, 'endpoint_url', ['https://all.example.com']);
  maybe(0.08, 'output', ['json', 'text', 'table', ...(mistakes ? ['yaml', 'yaml-stream', 'off', 'bogus', ''] : [])]);
  maybe(0.05, 'cli_timestamp_format', ['wire', 'iso8601', ...(mistakes ? ['none', 'bogus', ''] : [])]);
  maybe(0.05, 'cli_binary_format', ['base64', ...(mistakes ? ['bogus'] : [])]);
  maybe(0.03, 'cli_pager', ['', 'less']);
  if (wrong(0.05)) set('api_versions', '');
  if (random.chance(0.04)) lines.push('s3 =', `  addressing_style = ${wrong(0.3) ? 'bogus' : 'path'}`);
  if (random.chance(0.12))
    set('credential_process', `/bin/cat "\${HOME}/${wrong(0.3) ? 'none.json' : 'process.json'}"`);
  if (random.chance(0.1)) set('credential_process_unused', 'x');
  if (network && profile !== 'base' && random.chance(0.3)) {
    set('role_arn', `${ROLE}${random.pick(['one', 'two'])}`);
    if (mistakes && random.chance(0.2))
      maybe(0.8, 'credential_source', ['Environment', 'EcsContainer', 'Ec2InstanceMetadata', 'environment']);
    else
      set(
        'source_profile',
        mistakes ? random.pick(PROFILES) : random.pick(['base', 'base', 'sso', profile === 'prod' ? 'dev' : 'prod']),
      );
    maybe(0.3, 'external_id', ['ext']);
    maybe(0.2, 'role_session_name', ['named-session', '']);
    maybe(0.2, 'duration_seconds', ['900', '7200', '2h', ' 1_800', ...(mistakes ? ['９００'] : [])]);
    maybe(0.08, 'web_identity_token_file', mistakes ? ['${HOME}/jwt', '${HOME}/none'] : ['${HOME}/jwt']);
  }
  if (network && (profile === 'sso' || random.chance(0.08))) {
    if (random.chance(0.7)) set('sso_session', wrong(0.1) ? 'gone' : SSO_SESSION);
    else {
      set('sso_start_url', START_URL);
      set('sso_region', wrong(0.1) ? 'us_east' : 'us-east-1');
    }
    if (!wrong(0.1)) set('sso_account_id', '123456789012');
    if (!wrong(0.1)) set('sso_role_name', 'Admin');
  }
  return lines;
}

function keyLines(random: Random, id: string, { wrong }: Style): string[] {
  const lines = [`aws_access_key_id = ${id}${random.chance(0.05) ? ' ; not a comment' : ''}`];
  if (!wrong(0.1)) lines.push(`aws_secret_access_key=${random.pick(['s', 'file/secret+key', 'a=b:c'])}`);
  if (random.chance(0.3)) lines.push(`${random.pick(['aws_session_token', 'aws_security_token'])}: file+token/==`);
  if (random.chance(0.1)) lines.push('aws_session_token =');
  return random.chance(0.2) ? random.shuffled(lines) : lines;
}

/** What a credential_process prints: perhaps keys that are about to end, perhaps an empty session token. */
function processAnswer(random: Random, { mistakes }: Style): string {
  return JSON.stringify({
    Version: 1,
    AccessKeyId: 'AKIDPROCESS',
    SecretAccessKey: 's',
    ...(random.chance(0.8) ? { SessionToken: random.pick(['process+token', 'process+token', '']) } : {}),
    ...(random.chance(0.4)
      ? {
          Expiration: random.pick([
            '2024-06-15T12:40:00Z',
            '2024-06-15T12:49:56Z',
            '2024-06-15T18:00:00+00:00',
            ...(mistakes ? ['2024-06-15T12:00:00Z', '2024-06-31T12:00:00Z', ''] : []),
          ]),
        }
      : {}),
  });
}

function quoted(random: Random, profile: string): string {
  return profile.includes(' ')
    ? random.pick([`"${profile}"`, `'${profile}'`])
    : random.pick([profile, profile, `"${profile}"`]);
}

function ssoToken(random: Random, { mistakes }: Style): string {
  const refresh = {
    clientId: 'client',
    clientSecret: 'client-secret',
    registrationExpiresAt: random.pick(['2024-09-01T00:00:00Z', '2024-01-01T00:00:00Z']),
    refreshToken: 'refresh-token',
  };
  return JSON.stringify({
    startUrl: START_URL,
    region: 'us-east-1',
    accessToken: 'sso-access-token',
    expiresAt: random.pick([
      '2024-06-15T18:00:00Z',
      '2024-06-15T18:00:00UTC',
      '2024-06-15T12:45:00Z',
      ...(mistakes ? ['2024-06-15T10:00:00Z'] : []),
    ]),
    ...(random.chance(0.6) ? refresh : {}),
  });
}

function cachedRole(random: Random): string {
  return JSON.stringify({
    Credentials: {
      AccessKeyId: 'ASIACACHEDROLE',
      SecretAccessKey: 'cached/secret',
      SessionToken: 'cached+token',
      Expiration: random.pick([
        '2024-06-15T13:30:00Z',
        '2024-06-15T13:30:00UTC',
        '2024-06-15T12:45:00Z',
        '2024-06-15T12:00:00Z',
      ]),
    },
    AssumedRoleUser: { AssumedRoleId: 'AROAX:s', Arn: 'arn:aws:sts::123456789012:assumed-role/one/s' },
  });
}

function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}
