import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bearerOf, secretOf } from './hashing-aws.ts';
import { keyOf, keysOf, ROLE, type World } from './world.ts';
import { type Change, FILE_KEYS, plainKeys } from './world-change.ts';
import { soon } from './world-scenes.ts';

/** A variable that takes another value. */
function variable(name: string, value: string | undefined, scene: string, fits: (world: World) => boolean): Change {
  const kind = value === undefined ? `${name} is unset` : `another ${name}`;
  return { kind, relevant: 'yes', scene, fits, change: (world) => world.set(name, value) };
}

const byEnvironment = (trait: string) => (world: World) => world.has(trait);
const ownEndpoint = (world: World): boolean =>
  !world.has('network') && !world.has('original') && !world.has('generations') && !world.has('region by profile');

/** Values of a declared variable that are not easy to tell apart. */
const ODD: readonly (string | undefined)[] = [
  ...[undefined, '', 'a', 'b', ' ', 'a b', "a'b", 'a"b', 'a\nb', 'a\nexport TEAM=b', 'a|b', 'a;b', 'a%20b', 'a%', '=1'],
  ...['"a"', "'a'", '$a', 'a\\', 'a&env=TEAM=b', '-', 'é'],
];

export const environmentChanges: readonly Change[] = [
  variable('AWS_PROFILE', 'other', FILE_KEYS, plainKeys),
  variable('AWS_DEFAULT_PROFILE', 'other', FILE_KEYS, plainKeys),
  variable('AWS_PROFILE', 'nowhere', FILE_KEYS, plainKeys),
  variable(
    'AWS_REGION',
    'ap-south-1',
    FILE_KEYS,
    (world) => ownEndpoint(world) && !world.has('region by flag') && !world.has('instance'),
  ),
  variable(
    'AWS_DEFAULT_REGION',
    'ap-south-1',
    FILE_KEYS,
    (world) => ownEndpoint(world) && world.has('region by default variable'),
  ),
  variable('AWS_ACCESS_KEY_ID', keyOf('another'), 'keys in the environment', byEnvironment('env keys')),
  variable('AWS_ACCESS_KEY_ID', undefined, 'keys in the environment', byEnvironment('env keys')),
  variable('AWS_SECRET_ACCESS_KEY', undefined, 'keys in the environment', byEnvironment('env keys')),
  variable('AWS_SECRET_ACCESS_KEY', '', 'keys in the environment', byEnvironment('env keys')),
  {
    ...variable('AWS_SESSION_TOKEN', undefined, 'keys in the environment', byEnvironment('env keys')),
    relevant: 'maybe',
  },
  {
    kind: 'AWS_CREDENTIAL_EXPIRATION comes closer',
    relevant: 'yes',
    scene: 'keys in the environment',
    fits: byEnvironment('env keys'),
    change: (world) => world.set('AWS_CREDENTIAL_EXPIRATION', soon(200)),
  },
  {
    kind: 'keys appear in the environment',
    relevant: 'yes',
    scene: 'no keys',
    fits: (world) => plainKeys(world) || world.has('no keys'),
    change: (world) => {
      world.set('AWS_ACCESS_KEY_ID', keyOf('env'));
      world.set('AWS_SECRET_ACCESS_KEY', secretOf(keyOf('env')));
    },
  },
  variable('AWS_ROLE_ARN', `${ROLE}another`, 'a web identity', byEnvironment('web identity')),
  variable('AWS_ROLE_SESSION_NAME', 'another', 'a web identity', byEnvironment('web identity')),
  variable('AWS_CONTAINER_AUTHORIZATION_TOKEN', bearerOf('pod-b'), 'a container', byEnvironment('container variable')),
  variable('AWS_CONTAINER_AUTHORIZATION_TOKEN', undefined, 'a container', byEnvironment('container variable')),
  variable('AWS_LOGIN_CACHE_DIRECTORY', '/nowhere', 'aws login', byEnvironment('login')),
  {
    kind: 'another AWS_WEB_IDENTITY_TOKEN_FILE',
    relevant: 'yes',
    scene: 'a web identity',
    fits: byEnvironment('web identity'),
    prepare: (world) => void world.write(join(world.root, 'jwt2'), bearerOf('pod-b')),
    change: (world) => {
      rmSync(join(world.home, '.aws/cli/cache'), { recursive: true, force: true });
      world.set('AWS_WEB_IDENTITY_TOKEN_FILE', join(world.root, 'jwt2'));
    },
  },
  {
    kind: 'another AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
    relevant: 'yes',
    scene: 'a container',
    fits: byEnvironment('container'),
    prepare: (world) => void world.write(join(world.root, 'authorization2'), bearerOf('pod-b')),
    change: (world) => world.set('AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE', join(world.root, 'authorization2')),
  },
  {
    kind: 'AWS_CLI_FILE_ENCODING for a file:// argument',
    relevant: 'yes',
    scene: FILE_KEYS,
    fits: (world) => world.has('file argument') && plainKeys(world) && !world.has('network'),
    prepare: (world) => world.installAWS('more', '2.36.7'),
    change: (world) => world.set('AWS_CLI_FILE_ENCODING', 'utf-16'),
  },
  variable('AWS_EC2_METADATA_DISABLED', 'true', 'an instance', byEnvironment('instance')),
  variable(
    'AWS_STS_REGIONAL_ENDPOINTS',
    'regional',
    'the global endpoint of version 1',
    (world) =>
      world.env.AWS_STS_REGIONAL_ENDPOINTS === 'legacy' &&
      ['us-east-1', 'eu-central-1'].some((name) => world.args.includes(name)),
  ),
  variable(
    'AWS_USE_FIPS_ENDPOINT',
    'true',
    FILE_KEYS,
    (world) => ownEndpoint(world) && ['us-east-1', 'eu-central-1'].some((name) => world.args.includes(name)),
  ),
  variable('AWS_USE_DUALSTACK_ENDPOINT', 'true', FILE_KEYS, ownEndpoint),
  ...(['AWS_ENDPOINT_URL_STS', 'AWS_ENDPOINT_URL'] as const).map(
    (name): Change => ({
      kind: `another ${name}`,
      relevant: 'yes',
      scene: FILE_KEYS,
      fits: ownEndpoint,
      change: (world) => world.set(name, world.surroundings.two.url),
    }),
  ),
  {
    kind: 'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS',
    relevant: 'yes',
    scene: FILE_KEYS,
    fits: plainKeys,
    prepare: (world) => world.set('AWS_ENDPOINT_URL_STS', world.surroundings.two.url),
    change: (world) => world.set('AWS_IGNORE_CONFIGURED_ENDPOINT_URLS', 'true'),
  },
  {
    kind: 'another AWS behind the proxy',
    relevant: 'yes',
    scene: '--role-arn',
    fits: (world) => world.has('proxy') && world.args.includes('--role-arn'),
    change: (world) => world.set('HTTPS_PROXY', world.surroundings.two.proxy),
  },
  {
    kind: 'another AWS behind a proxy in small letters',
    relevant: 'yes',
    scene: '--role-arn',
    fits: (world) => world.has('proxy') && world.args.includes('--role-arn'),
    change: (world) => world.set('https_proxy', world.surroundings.two.proxy),
  },
  {
    kind: 'another container address',
    relevant: 'yes',
    scene: 'a container',
    fits: byEnvironment('container'),
    change: (world) => world.set('AWS_CONTAINER_CREDENTIALS_FULL_URI', `${world.surroundings.one.url}/container/b`),
  },
  {
    kind: 'another instance metadata service',
    relevant: 'yes',
    scene: 'an instance',
    fits: byEnvironment('instance'),
    change: (world) => world.set('AWS_EC2_METADATA_SERVICE_ENDPOINT', `${world.surroundings.one.url}/imds/b/`),
  },
  {
    kind: 'a variable inside AWS_SHARED_CREDENTIALS_FILE',
    relevant: 'yes',
    scene: 'files in other places',
    fits: (world) =>
      world.has('stage') && plainKeys(world) && world.env.AWS_SHARED_CREDENTIALS_FILE?.includes('STAGE') === true,
    prepare: (world) => {
      const path = world.credentialsPath.replace('/a/', '/b/');
      world.write(
        path,
        `[default]\naws_access_key_id = ${keyOf('b')}\naws_secret_access_key = ${secretOf(keyOf('b'))}\n`,
      );
    },
    change: (world) => world.set('STAGE', 'b'),
  },
  {
    kind: 'a variable inside a file:// argument',
    relevant: 'yes',
    scene: FILE_KEYS,
    fits: (world) =>
      world.args.some((word) => word.includes('$STAGE')) && !world.has('original') && !world.has('stage'),
    change: (world) => world.set('STAGE', 'b'),
  },
  {
    kind: 'another HOME',
    relevant: 'yes',
    scene: FILE_KEYS,
    fits: (world) => plainKeys(world) && !world.has('stage') && !world.has('relative') && !world.has('config keys'),
    prepare: (world) => {
      world.set('EKS_TOKEN_CACHE_DIR', join(world.root, 'shared'));
      const other = join(world.root, 'another');
      mkdirSync(other);
      cpSync(world.home, other, { recursive: true, preserveTimestamps: true });
      const { aws_access_key_id: id, aws_secret_access_key: secret } = keysOf('third');
      world.write(
        join(other, '.aws/credentials'),
        `[default]\naws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n`,
      );
    },
    change: (world) => world.set('HOME', join(world.root, 'another')),
  },
  {
    kind: 'another AWS_SHARED_CREDENTIALS_FILE',
    relevant: 'yes',
    scene: FILE_KEYS,
    fits: (world) => plainKeys(world) && !world.has('config keys'),
    prepare: (world) => {
      const { aws_access_key_id: id, aws_secret_access_key: secret } = keysOf('third');
      world.write('elsewhere', `[default]\naws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n`);
    },
    change: (world) => world.set('AWS_SHARED_CREDENTIALS_FILE', join(world.home, 'elsewhere')),
  },
  {
    kind: 'an empty AWS_CONFIG_FILE',
    relevant: 'yes',
    scene: 'keys in the config file',
    fits: (world) => world.has('config keys') && plainKeys(world),
    change: (world) => world.set('AWS_CONFIG_FILE', ''),
  },
  {
    kind: 'another value of a declared variable',
    relevant: 'maybe',
    times: 30,
    scene: 'credential_process',
    fits: (world) => world.keyEnv.length > 0,
    prepare: (world, random) => world.set('TEAM', random.pick(ODD)),
    change: (world, random) => world.set('TEAM', random.pick(ODD)),
  },
  {
    kind: 'KUBERNETES_EXEC_INFO that is not an object',
    relevant: 'yes',
    scene: FILE_KEYS,
    fits: plainKeys,
    change: (world) => world.set('KUBERNETES_EXEC_INFO', '[]'),
  },
  {
    kind: 'a locale in which a file means something else',
    relevant: 'yes',
    scene: FILE_KEYS,
    fits: (world) => plainKeys(world) && !world.has('stage') && !world.has('network'),
    prepare: (world) => {
      world.config['profile é'] = { output: 'json' };
      world.saveConfig();
      world.set('LANG', 'C.UTF-8');
      world.installAWS('more', '2.36.7');
    },
    change: (world) => world.set('LC_ALL', 'de_DE.ISO-8859-1'),
  },
];
