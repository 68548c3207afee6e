import type { Random } from './random.ts';

/**
 * What one run of `aws-iam-authenticator` meets. `${HOME}` stands for the home folder, `${STS}` for an STS without TLS.
 */
export interface AuthenticatorSituation {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
  /** What STS says to GetCallerIdentity. */
  readonly userId: string;
}

const ROLE = 'arn:aws:iam::123456789012:role/';
const REGIONS = [
  ...['us-east-1', 'us-west-2', 'eu-central-1', 'eu-north-1', 'ap-south-1', 'af-south-1', 'il-central-1'],
  ...['us-gov-west-1', 'cn-north-1', 'us-iso-east-1', 'eusc-de-east-1'],
];
const ODD_REGIONS = ['xx-new-1', 'aws-global', 'us-east-1-fips', 'fips-us-west-2', 'US-EAST-1', 'us_west_2', ''];
const PROFILES = ['default', 'dev', 'prod', 'My.Account'];
const CLUSTERS = ['c', 'my-cluster', 'my cluster', '  a  b ', 'kürbis', '-x', 'a=b', 'a,b', '1'];
const EXEC_INFOS = ['v1', 'v1beta1', 'v1alpha1'].map(
  (version) => `{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/${version}","spec":{}}`,
);

/** A situation that may be anything from plain to absurd. */
export function authenticatorSituation(random: Random): AuthenticatorSituation {
  const odd = random.chance(0.35);
  const style: Style = { odd, wrong: (probability) => odd && random.chance(probability) };
  const args = randomArguments(random, style);
  const env = randomEnvironment(random, style);
  const files = randomFiles(random, style);
  const userId = random.pick([
    'AIDAEXAMPLE',
    'AROAEXAMPLE:session@example.com',
    '123456789012:fed',
    'a:b:c',
    ':x',
    'a:',
  ]);
  return { args, env, files, userId };
}

interface Style {
  readonly odd: boolean;
  /** Never in a plain situation. */
  wrong(probability: number): boolean;
}

function regionOf(random: Random, { wrong }: Style): string {
  return random.pick(wrong(0.3) ? ODD_REGIONS : REGIONS);
}

function randomArguments(random: Random, style: Style): string[] {
  const { odd, wrong } = style;
  const short = (letter: string, value: string) =>
    random.pick([[`-${letter}`, value], [`-${letter}${value}`], [`-${letter}=${value}`]]);
  const long = (name: string, value: string) => random.pick([[`--${name}`, value], [`--${name}=${value}`]]);
  const option = (letter: string, name: string, value: string) =>
    random.chance(0.5) ? short(letter, value) : long(name, value);
  const flag = (name: string) =>
    wrong(0.5) ? [`--${name}=${random.pick(['true', 'false', '1', '0', 'T', 'f', 'TRUE', 'yes', ''])}`] : [`--${name}`];
  const words: string[][] = [];
  const cluster = () => option('i', 'cluster-id', wrong(0.2) ? '' : random.pick(CLUSTERS));
  if (random.chance(odd ? 0.9 : 0.97)) words.push(cluster());
  if (wrong(0.1)) words.push(cluster());
  if (random.chance(0.5)) {
    const role = wrong(0.3)
      ? random.pick(['short', 'not an arn', '', `${ROLE}denied`])
      : `${ROLE}${random.pick(['r', 'p/b+c'])}`;
    words.push(option('r', 'role', role));
    if (random.chance(0.35))
      words.push(option('s', 'session-name', random.pick(['me', 'a@b.c', ...(odd ? ['', 'x', 'a b'] : [])])));
    else if (random.chance(0.4)) words.push(flag('forward-session-name'));
    if (wrong(0.1)) words.push(flag('forward-session-name'));
  } else if (random.chance(0.2)) words.push(option('s', 'session-name', 'unused'));
  if (random.chance(0.3)) words.push(option('e', 'external-id', random.pick(['ext', 'a/b=c:d', ...(odd ? [''] : [])])));
  if (random.chance(0.35)) words.push(long('region', regionOf(random, style)));
  if (random.chance(0.03)) words.push(flag('token-only'));
  if (random.chance(0.03)) words.push(flag('cache'));
  if (random.chance(0.05)) words.push(option('l', 'log-format', random.pick(['json', 'text'])));
  if (random.chance(0.03)) words.push(option('c', 'config', '${HOME}/authenticator.yaml'));
  if (wrong(0.08))
    words.push([
      random.pick(['-h', '--help', '--bogus', '-z', '--profile=dev', '--rol=x', '-', '--', 'extra', '--region']),
    ]);
  if (wrong(0.03)) words.push(['-v', '1']);
  const shuffled = random.shuffled(words);
  const at = random.chance(0.85) ? 0 : random.below(shuffled.length + 1);
  const command = wrong(0.03) ? random.pick(['version', 'Token', 'tok']) : 'token';
  return [...shuffled.slice(0, at).flat(), command, ...shuffled.slice(at).flat()];
}

function randomEnvironment(random: Random, style: Style): Record<string, string> {
  const { odd, wrong } = style;
  const env: Record<string, string> = {};
  const maybe = (probability: number, name: string, values: readonly string[]) => {
    if (random.chance(probability)) env[name] = random.pick(values);
  };
  if (random.chance(0.5)) {
    env[wrong(0.2) ? 'AWS_ACCESS_KEY' : 'AWS_ACCESS_KEY_ID'] = 'AKIDENV';
    if (!wrong(0.15)) env[wrong(0.2) ? 'AWS_SECRET_KEY' : 'AWS_SECRET_ACCESS_KEY'] = 'env/secret+=';
    maybe(0.4, 'AWS_SESSION_TOKEN', ['env/token+==', ...(odd ? [''] : [])]);
    if (wrong(0.1)) env.AWS_ACCESS_KEY = 'AKIDOTHER';
  }
  maybe(0.35, 'AWS_PROFILE', [...PROFILES, ...(odd ? ['nope', '', 'my prof'] : [])]);
  maybe(0.12, 'AWS_DEFAULT_PROFILE', [...PROFILES, ...(odd ? ['nope'] : [])]);
  if (random.chance(0.6)) env.AWS_REGION = regionOf(random, style);
  if (random.chance(0.3)) env.AWS_DEFAULT_REGION = regionOf(random, style);
  maybe(0.25, 'AWS_STS_REGIONAL_ENDPOINTS', ['regional', 'legacy', ...(odd ? ['Regional', 'odd', ''] : [])]);
  maybe(0.1, 'AWS_SDK_LOAD_CONFIG', ['1', 'true', '0', '']);
  maybe(0.06, 'AWS_CONFIG_FILE', ['${HOME}/other-config', '${HOME}/nowhere', ...(odd ? ['~/.aws/config', ''] : [])]);
  maybe(0.06, 'AWS_SHARED_CREDENTIALS_FILE', ['${HOME}/other-credentials', ...(odd ? ['${HOME}/nowhere', ''] : [])]);
  maybe(0.05, 'DEFAULT_ROLE', [`${ROLE}default`, ...(odd ? [''] : [])]);
  maybe(0.12, 'KUBERNETES_AWS_AUTHENTICATOR_CLUSTER_ID', ['from-env', ...(odd ? [''] : [])]);
  maybe(0.25, 'KUBERNETES_EXEC_INFO', EXEC_INFOS);
  maybe(0.06, 'AWS_MAX_ATTEMPTS', ['1', '5']);
  maybe(0.05, 'AWS_RETRY_MODE', ['standard', 'adaptive', ...(odd ? ['legacy', 'odd'] : [])]);
  maybe(0.04, 'AWS_ROLE_ARN', [`${ROLE}irsa`]);
  maybe(0.04, 'AWS_ROLE_SESSION_NAME', ['pod']);
  maybe(0.04, 'AWS_WEB_IDENTITY_TOKEN_FILE', ['${HOME}/jwt']);
  maybe(0.03, 'AWS_USE_FIPS_ENDPOINT', ['true', 'false', '']);
  maybe(0.03, 'AWS_USE_DUALSTACK_ENDPOINT', ['true', 'false']);
  maybe(0.04, 'AWS_ENDPOINT_URL_STS', ['${STS}']);
  maybe(0.03, 'AWS_ENDPOINT_URL', ['${STS}', '']);
  maybe(0.02, 'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS', ['true']);
  maybe(0.03, 'AWS_CREDENTIAL_EXPIRATION', ['2030-01-01T00:00:00Z']);
  maybe(0.03, 'AWS_DEFAULTS_MODE', ['legacy', 'standard', ...(odd ? ['odd'] : [])]);
  maybe(0.03, 'AWS_DEFAULT_OUTPUT', ['text']);
  maybe(0.03, 'AWS_SECURITY_TOKEN', ['security']);
  maybe(0.03, 'AWS_ACCOUNT_ID', ['123456789012']);
  maybe(0.03, 'AWS_CSM_ENABLED', ['true', 'false']);
  maybe(0.03, 'AWS_AUTH_SCHEME_PREFERENCE', ['sigv4', 'sigv4a']);
  return env;
}

function randomFiles(random: Random, style: Style): Record<string, string> {
  const { odd, wrong } = style;
  const files: Record<string, string> = {
    jwt: 'header.payload.signature',
    'authenticator.yaml': 'clusterID: from-a-file\n',
    'other-config': '[default]\nregion = eu-west-3\n',
    'other-credentials': '[default]\naws_access_key_id = AKIDOTHERFILE\naws_secret_access_key = other/secret\n',
  };
  const config: string[] = [];
  const credentials: string[] = [];
  for (const name of random.shuffled(odd ? random.some(PROFILES, 0.8) : PROFILES)) {
    const lines = settingsOf(random, name, style);
    const keys = random.chance(odd ? 0.7 : 0.85) ? keyLines(random, name, style) : [];
    const intoConfig = random.chance(0.25);
    const all = intoConfig ? random.shuffled([...lines, ...keys]) : lines;
    if (all.length > 0 || random.chance(0.4))
      config.push(header(random, name, style), ...all, ...(random.chance(0.5) ? [''] : []));
    if (!intoConfig && keys.length > 0) credentials.push(wrong(0.05) ? `[profile ${name}]` : `[${name}]`, ...keys);
    if (wrong(0.06)) credentials.push(`[${name}]`, 'region = sa-east-1');
  }
  if (random.chance(0.1))
    config.push('[sso-session corp]', 'sso_start_url = https://corp.awsapps.com/start', 'sso_region = us-east-1');
  if (random.chance(0.05)) config.push('[services mine]', 'sts =', '  endpoint_url = ${STS}');
  if (wrong(0.05))
    config.push(random.pick(['no section or key', '[profile dev', '[]', '[ default ]', '[profile dev]', '= x']));
  const end = wrong(0.1) ? '\r\n' : '\n';
  if (!wrong(0.08)) files['.aws/config'] = config.join(end) + end;
  if (!wrong(0.08)) files['.aws/credentials'] = credentials.join(end) + end;
  return files;
}

function header(random: Random, name: string, { wrong }: Style): string {
  const section = name === 'default' ? 'default' : `profile ${name}`;
  if (wrong(0.08))
    return random.pick([
      `[profile ${name}]`,
      `[${name}]`,
      `[profile "${name}"]`,
      `[profile\t${name}]`,
      `[ ${section} ]`,
      `[${section}] # x`,
      `[PROFILE ${name}]`,
    ]);
  return `[${section}]`;
}

function keyLines(random: Random, name: string, { wrong }: Style): string[] {
  const equals = random.pick([' = ', '=', ' =', '= ']);
  const id = `aws_access_key_id${equals}AKID${name.toUpperCase().replace(/\W/g, '')}`;
  const secret = `aws_secret_access_key${equals}${random.pick(['se/+c=ret', 's3cret', ...(wrong(0.5) ? ['"quoted"', 'a # b', 'a ; b', 'ä', 'a  b', ''] : [])])}`;
  const token = random.chance(0.3) ? [`aws_session_token${equals}${random.pick(['t/+=', 't'])}`] : [];
  const lines = wrong(0.08) ? [random.pick([id, secret])] : [id, secret];
  return [...lines, ...token].map((line) => (wrong(0.03) ? `  ${line}` : line));
}

function settingsOf(random: Random, name: string, style: Style): string[] {
  const { odd, wrong } = style;
  const lines: string[] = [];
  const maybe = (probability: number, ...choices: readonly string[]) => {
    if (random.chance(probability)) lines.push(...random.pick(choices).split('\n'));
  };
  maybe(0.5, `region = ${regionOf(random, style)}`);
  maybe(
    0.12,
    'sts_regional_endpoints = regional',
    'sts_regional_endpoints = legacy',
    ...(odd ? ['sts_regional_endpoints = odd'] : []),
  );
  maybe(0.15, 'output = json', 'cli_pager =', '# a remark', '; another');
  maybe(0.05, 's3 =\n  max_concurrent_requests = 5');
  maybe(0.04, 'max_attempts = 2', 'retry_mode = standard', 'retry_mode = legacy');
  maybe(
    0.04,
    'cli_history = enabled',
    'cli_timestamp_format = iso8601',
    'parameter_validation = false',
    'api_versions =\n  ec2 = 2015-03-01',
  );
  maybe(
    0.03,
    'defaults_mode = standard',
    'use_fips_endpoint = true',
    'use_dualstack_endpoint = false',
    'services = mine',
    'endpoint_url = ${STS}',
    'ec2_metadata_v1_disabled = true',
  );
  maybe(
    0.03,
    'external_id = from-profile',
    'role_session_name = from-profile',
    'duration_seconds = 3600',
    'mfa_serial = arn:aws:iam::1:mfa/x',
  );
  const other = random.pick(PROFILES.filter((one) => one !== name));
  maybe(
    0.06,
    `role_arn = ${ROLE}from-profile\nsource_profile = ${other}`,
    `role_arn = ${ROLE}from-profile\ncredential_source = Environment`,
    `role_arn = ${ROLE}irsa\nweb_identity_token_file = \${HOME}/jwt`,
    'credential_process = /bin/sh -c "cat ${HOME}/keys.json"',
    'sso_session = corp\nsso_account_id = 123456789012\nsso_role_name = r',
  );
  if (wrong(0.04)) lines.push('region = eu-west-2', 'region = eu-west-1');
  if (wrong(0.03))
    lines.push(
      random.pick([
        'Region = eu-west-2',
        'REGION=eu-west-2',
        'region: eu-west-2',
        'region',
        'region =',
        ' region = eu-west-2',
        'region = eu-west-2 # x',
        "region = 'eu-west-2'",
      ]),
    );
  return lines;
}
