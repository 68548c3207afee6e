import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { bearerOf, secretOf } from './hashing-aws.ts';
import type { Random } from './random.ts';
import { keyOf, keysOf, ROLE, START_URL, type World } from './world.ts';

/** Where a world's credentials come from, before anything changes. */
export interface Scene {
  readonly name: string;
  readonly make: (world: World, random: Random) => void;
}

export const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex');

/** Keys of two people in the credentials file. */
function twoPeople(world: World): void {
  world.credentials = { default: keysOf('base'), other: keysOf('other') };
  world.config = { 'profile other': { output: 'json' } };
  world.traits.add('files');
}

/** How AWS is reached: by a configured endpoint, or by real names behind a proxy. */
export function network(world: World, how: 'variable' | 'proxy' | 'profile', profile = 'default'): void {
  const { one, certificate } = world.surroundings;
  world.traits.add('network').add(how);
  if (how === 'variable') {
    for (const service of ['STS', 'SSO', 'SSO_OIDC']) world.set(`AWS_ENDPOINT_URL_${service}`, one.url);
  } else if (how === 'proxy') {
    world.set('HTTPS_PROXY', one.proxy);
    world.set('AWS_CA_BUNDLE', world.write(join(world.root, 'ca.pem'), certificate));
  } else {
    const section = profile === 'default' ? 'default' : `profile ${profile}`;
    world.config[section] = { ...world.config[section], services: 'ours' };
    const group = `\n  endpoint_url = ${one.url}`;
    world.config['services ours'] = { sts: group, sso: group, sso_oidc: group };
  }
}

const anyNetwork = (world: World, random: Random, profile?: string) =>
  network(world, random.pick(['variable', 'variable', 'proxy', 'profile']), profile);

function named(world: World, random: Random, profile: string): void {
  world.traits.add('named');
  if (random.chance(0.5)) world.option('profile', profile);
  else world.set('AWS_PROFILE', profile);
}

function roleProfile(world: World, random: Random, more: Record<string, string> = {}): void {
  twoPeople(world);
  const role = random.pick(['admin', 'brief']);
  world.config['profile role'] = { role_arn: `${ROLE}${role}`, source_profile: 'default', ...more };
  named(world, random, 'role');
  anyNetwork(world, random, 'role');
  world.traits.add('role');
}

export const scenes: readonly Scene[] = [
  { name: 'keys in the credentials file', make: twoPeople },
  {
    name: 'keys in the config file',
    make: (world) => {
      world.config = { default: keysOf('base'), 'profile other': keysOf('other') };
      world.traits.add('files').add('config keys');
    },
  },
  {
    name: 'a profile',
    make: (world, random) => {
      twoPeople(world);
      named(world, random, 'other');
    },
  },
  {
    name: 'keys in the environment',
    make: (world, random) => {
      if (random.chance(0.5)) twoPeople(world);
      world.set('AWS_ACCESS_KEY_ID', keyOf('env'));
      world.set('AWS_SECRET_ACCESS_KEY', secretOf(keyOf('env')));
      if (random.chance(0.6)) world.set('AWS_SESSION_TOKEN', 'EXAMPLEKEY/session');
      if (random.chance(0.3)) world.set('AWS_CREDENTIAL_EXPIRATION', soon(random.pick([300, 3600])));
      world.traits.add('env keys');
    },
  },
  { name: 'a role of a profile', make: (world, random) => roleProfile(world, random) },
  {
    name: 'a role with a name and an external id',
    make: (world, random) => roleProfile(world, random, { role_session_name: 'alice', external_id: 'ext' }),
  },
  {
    name: 'a role in the cache of the CLI',
    make: (world, random) => {
      roleProfile(world, random);
      const roleArn = world.config['profile role']?.role_arn ?? '';
      world.cliCache(`.aws/cli/cache/${sha1(`{"RoleArn": "${roleArn}"}`)}.json`, keyOf('cached'));
      world.traits.add('cached role');
    },
  },
  {
    name: '--role-arn',
    make: (world, random) => {
      twoPeople(world);
      world.option('role-arn', `${ROLE}${random.pick(['admin', 'brief'])}`);
      anyNetwork(world, random);
      world.traits.add('role');
    },
  },
  {
    name: 'a web identity',
    make: (world, random) => {
      world.set('AWS_WEB_IDENTITY_TOKEN_FILE', world.write(join(world.root, 'jwt'), bearerOf('pod-a')));
      world.set('AWS_ROLE_ARN', `${ROLE}irsa`);
      if (random.chance(0.5)) world.set('AWS_ROLE_SESSION_NAME', 'pod');
      network(world, random.pick(['variable', 'proxy']));
      world.traits.add('web identity');
    },
  },
  {
    name: 'a container',
    make: (world, random) => {
      world.set('AWS_CONTAINER_CREDENTIALS_FULL_URI', `${world.surroundings.one.url}/container/a`);
      const file = join(world.root, 'authorization');
      const how = random.pick(['file', 'variable', 'none']);
      if (how === 'file') world.set('AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE', world.write(file, bearerOf('pod-a')));
      if (how === 'variable') world.set('AWS_CONTAINER_AUTHORIZATION_TOKEN', bearerOf('pod-a'));
      world.traits.add('container').add(`container ${how}`);
    },
  },
  {
    name: 'an instance',
    make: (world) => {
      world.set('AWS_EC2_METADATA_DISABLED', undefined);
      world.set('AWS_EC2_METADATA_SERVICE_ENDPOINT', `${world.surroundings.one.url}/imds/a/`);
      // Under load the usual second is not enough.
      world.set('AWS_METADATA_SERVICE_TIMEOUT', '20');
      world.traits.add('instance');
    },
  },
  {
    name: 'single sign-on',
    make: (world, random) => {
      const legacy = random.chance(0.3);
      const where = { sso_start_url: START_URL, sso_region: 'us-east-1' };
      world.config['profile sso'] = { sso_account_id: '123456789012', sso_role_name: 'Admin' };
      Object.assign(world.config['profile sso'], legacy ? where : { sso_session: 'corp' });
      if (!legacy) world.config['sso-session corp'] = where;
      world.ssoLogin(sha1(legacy ? START_URL : 'corp'), 'alice', 1, random.pick([7200, 300]));
      named(world, random, 'sso');
      network(world, random.pick(['variable', 'proxy', 'profile']), 'sso');
      world.traits.add('sso').add(legacy ? 'legacy sso' : 'sso session');
    },
  },
  {
    name: 'aws login',
    make: (world) => {
      const session = 'arn:aws:iam::123456789012:user/alice';
      world.config = { default: { login_session: session } };
      const [accessKeyId, expiresAt] = [keyOf('login'), soon(3600)];
      const keys = {
        accessKeyId,
        secretAccessKey: secretOf(accessKeyId),
        sessionToken: 'EXAMPLEKEY',
        accountId: '123456789012',
        expiresAt,
      };
      const name = createHash('sha256').update(session).digest('hex');
      const rest = { refreshToken: 'EXAMPLEKEY', clientId: 'c', dpopKey: 'EXAMPLEKEY', idToken: 'EXAMPLEKEY' };
      world.write(`.aws/login/cache/${name}.json`, JSON.stringify({ accessToken: keys, ...rest }));
      world.traits.add('login').add('files');
    },
  },
  {
    name: 'credential_process',
    make: (world, random) => {
      const program = world.installKeys('more', 'a');
      world.config = { default: { credential_process: random.pick(['keys', program]) } };
      world.traits.add('process').add('files');
      if (random.chance(0.4)) world.keyEnv = ['TEAM'];
    },
  },
  {
    name: 'a script called aws',
    make: (world, random) => {
      world.installWrapper('more', 'a');
      world.traits.add('original');
      if (random.chance(0.4)) world.keyEnv = ['TEAM'];
    },
  },
  {
    name: 'a setting that only the CLI can decide',
    make: (world) => {
      twoPeople(world);
      world.config.default = { parameter_validation: 'odd' };
      world.installAWS('more', '2.36.7');
      world.traits.add('original');
    },
  },
  {
    name: 'two profiles in variables',
    make: (world, random) => {
      twoPeople(world);
      world.credentials.third = keysOf('third');
      world.set('AWS_PROFILE', 'other');
      world.set('AWS_DEFAULT_PROFILE', 'third');
      world.installAWS('more', random.pick(['1.45.11', '2.36.7']));
      world.traits.add('generations');
    },
  },
  {
    name: 'the global endpoint of version 1',
    make: (world) => {
      twoPeople(world);
      world.set('AWS_STS_REGIONAL_ENDPOINTS', 'legacy');
      world.installAWS('more', '1.45.11');
      world.traits.add('generations');
    },
  },
  {
    name: 'files in other places',
    make: (world, random) => {
      twoPeople(world);
      const [folder, value] = random.pick([
        [join(world.root, 'cfg/a'), join(world.root, 'cfg/$STAGE')],
        [join(world.root, 'cfg/a'), join(world.root, 'cfg/${STAGE}')],
        [join(world.home, 'cfg/a'), '~/cfg/$STAGE'],
        [join(world.home, 'cfg/a'), '$HOME/cfg/a'],
      ] as const);
      world.set('STAGE', 'a');
      world.credentialsPath = join(folder, 'credentials');
      world.configPath = join(folder, 'config');
      world.set('AWS_SHARED_CREDENTIALS_FILE', `${value}/credentials`);
      if (random.chance(0.5)) world.set('AWS_CONFIG_FILE', `${value}/config`);
      world.traits.add('stage');
    },
  },
  { name: 'no keys', make: (world) => void world.traits.add('no keys') },
  {
    name: 'files in the working directory',
    make: (world) => {
      twoPeople(world);
      world.credentialsPath = join(world.cwd, 'credentials');
      world.set('AWS_SHARED_CREDENTIALS_FILE', 'credentials');
      world.traits.add('relative').add('working directory');
    },
  },
];

/** A time so many seconds from now. */
export function soon(seconds: number): string {
  return `${new Date(Date.now() + seconds * 1000).toISOString().slice(0, 19)}Z`;
}

const REGIONS = ['us-east-1', 'eu-central-1', 'us-gov-west-1', 'fips-us-east-1'];

/** The command line and what else every world has. */
export function furnish(world: World, random: Random): void {
  const region = random.pick(REGIONS);
  const from = random.pick(['flag', 'flag', 'variable', 'default variable', 'profile']);
  const own = world.args;
  world.args = from === 'flag' ? ['--region', region] : [];
  world.traits.add(`region by ${from}`);
  if (from === 'variable') world.set('AWS_REGION', region);
  else if (from === 'default variable') world.set('AWS_DEFAULT_REGION', region);
  else if (from === 'profile') {
    for (const name of sectionsOf(world)) world.config[name] = { ...world.config[name], region };
  }
  const fromFile = random.chance(0.08);
  if (fromFile) {
    world.write('names/a', 'named-in-a');
    world.write('names/b', 'named-in-b');
    world.traits.add('file argument');
    world.set('STAGE', world.env.STAGE ?? 'a');
  }
  const cluster = fromFile
    ? `file://${random.pick([join(world.home, 'names'), '~/names'])}/${random.pick(['a', '$STAGE'])}`
    : 'dev';
  world.args.push('eks', 'get-token', '--cluster-name', cluster, ...own);
  if (random.chance(0.3)) world.set('EKS_TOKEN_CACHE_DIR', join(world.root, 'shared'));
  if (random.chance(0.3)) world.set('LANG', 'C.UTF-8');
  if (random.chance(0.1)) world.set('AWS_SDK_LOAD_CONFIG', '1');
  // Beside what a scene has installed.
  if (random.chance(0.3) && !['original', 'generations'].some((trait) => world.has(trait))) {
    world.installAWS('more', '2.36.7');
  }
}

function sectionsOf(world: World): string[] {
  const named = Object.keys(world.config).filter((name) => name.startsWith('profile '));
  return ['default', ...named];
}
