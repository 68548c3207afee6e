import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bearerOf } from './hashing-aws.ts';
import { GIVEN, ini, keyOf, keysOf, ROLE, type World } from './world.ts';
import { type Change, FILE_KEYS, plainKeys } from './world-environment-changes.ts';
import { sha1 } from './world-scenes.ts';

/** The credentials file decides, and lies where it usually does. */
const usualFiles = (world: World): boolean =>
  plainKeys(world) && !['stage', 'relative', 'config keys'].some((trait) => world.has(trait));
const has = (trait: string) => (world: World) => world.has(trait);

/** The credentials of the person who is called so, in a file as long as that of any other. */
const keysOfPerson = (name: string): string => ini({ default: keysOf(name) });

const aws = (world: World, name = '.aws'): string => join(world.home, name);

/** A folder as an archive of equal dates unpacks it. */
function unpack(world: World, folder: string, person: string): void {
  const path = aws(world, folder);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'credentials'), keysOfPerson(person));
  for (const name of readdirSync(path)) world.giveDate(join(path, name));
  world.giveDate(path);
}

const archives: readonly Change[] = [
  {
    kind: 'an archive of equal dates, unpacked in place of another',
    change: (world: World) => {
      rmSync(aws(world), { recursive: true });
      unpack(world, '.aws', 'third');
    },
  },
  {
    kind: 'folders of equal dates, renamed',
    change: (world: World) => {
      renameSync(aws(world), aws(world, '.aws.first'));
      renameSync(aws(world, '.aws.second'), aws(world));
    },
  },
  {
    kind: 'a copy with its dates (cp -a)',
    change: (world: World) => {
      rmSync(aws(world), { recursive: true });
      execFileSync('cp', ['-a', aws(world, '.aws.second'), aws(world)]);
    },
  },
  {
    kind: 'a copy with its date over the file (cp -p)',
    change: (world: World) => {
      execFileSync('cp', ['-p', join(aws(world, '.aws.second'), 'credentials'), join(aws(world), 'credentials')]);
    },
  },
  {
    kind: 'a file of equal date, renamed over the other',
    change: (world: World) => {
      renameSync(join(aws(world, '.aws.second'), 'credentials'), join(aws(world), 'credentials'));
      world.giveDate(aws(world));
    },
  },
].map(({ kind, change }) => ({
  kind,
  relevant: 'yes',
  scene: FILE_KEYS,
  fits: usualFiles,
  prepare: (world) => {
    unpack(world, '.aws', 'base');
    unpack(world, '.aws.second', 'second');
  },
  change,
}));

const links: readonly Change[] = (['file', 'folder'] as const).map((what) => ({
  kind: `a link to another ${what} of equal date`,
  relevant: 'yes',
  scene: FILE_KEYS,
  fits: usualFiles,
  prepare: (world) => {
    for (const person of ['base', 'second']) unpack(world, `store/${person}`, person);
    if (what === 'file') return world.link('.aws/credentials', '../store/base/credentials');
    rmSync(aws(world), { recursive: true });
    world.link('.aws', 'store/base');
  },
  change: (world) => {
    if (what === 'file') world.link('.aws/credentials', '../store/second/credentials');
    else world.link('.aws', 'store/second');
  },
}));

const files: readonly Change[] = [
  {
    kind: 'the credentials file, written again',
    relevant: 'yes',
    scene: FILE_KEYS,
    fits: usualFiles,
    change: (world) => void world.write('.aws/credentials', keysOfPerson('second')),
  },
  {
    kind: 'the credentials file, written over in place',
    relevant: 'yes',
    scene: FILE_KEYS,
    fits: usualFiles,
    change: (world) => writeFileSync(join(aws(world), 'credentials'), keysOfPerson('second')),
  },
  {
    kind: 'the credentials file, gone',
    relevant: 'yes',
    scene: FILE_KEYS,
    fits: usualFiles,
    change: (world) => rmSync(join(aws(world), 'credentials')),
  },
  {
    kind: 'an absent file that appears with a date of 1970',
    relevant: 'yes',
    scene: 'keys in the config file',
    fits: (world) => world.has('config keys') && plainKeys(world),
    change: (world) => utimesSync(world.write('.aws/credentials', keysOfPerson('second')), 1, 1),
  },
  {
    kind: 'keys, where there were none, with a date of 1970',
    relevant: 'yes',
    scene: 'no keys',
    fits: has('no keys'),
    change: (world) => utimesSync(world.write('.aws/credentials', keysOfPerson('second')), 1, 1),
  },
  {
    kind: 'a file that could not be read',
    relevant: 'yes',
    scene: 'keys in the config file',
    fits: (world) => world.has('config keys') && plainKeys(world),
    // The superuser reads whatever a mode says, so there it is a link that leads to itself.
    prepare: (world) => {
      if (process.getuid?.() === 0) world.link('.aws/credentials', 'credentials');
      else chmodSync(world.write('.aws/credentials', keysOfPerson('second')), 0);
    },
    change: (world) => {
      if (process.getuid?.() === 0) world.write('.aws/credentials', keysOfPerson('second'));
      else chmodSync(join(aws(world), 'credentials'), 0o600);
    },
  },
  {
    kind: 'a folder in place of a file',
    relevant: 'yes',
    scene: FILE_KEYS,
    fits: usualFiles,
    change: (world) => {
      rmSync(join(aws(world), 'credentials'));
      mkdirSync(join(aws(world), 'credentials'));
      world.giveDate(join(aws(world), 'credentials'));
    },
  },
  {
    kind: 'another setting of the profile',
    relevant: 'maybe',
    scene: FILE_KEYS,
    change: (world, random) => {
      const [key, value] = random.pick([
        ['region', 'sa-east-1'],
        ['sts_regional_endpoints', 'legacy'],
        ['use_fips_endpoint', 'true'],
        ['endpoint_url', world.surroundings.two.url],
        ['role_arn', `${ROLE}another`],
        ['source_profile', 'other'],
        ['external_id', 'another'],
        ['role_session_name', 'another'],
        ['sso_role_name', 'Another'],
        ['credential_process', 'keys'],
        ['ec2_metadata_service_endpoint', `${world.surroundings.one.url}/imds/b/`],
        ['retry_mode', 'bold'],
      ] as const);
      for (const name of Object.keys(world.config)) {
        if (/^default$|^profile /.test(name)) world.config[name] = { ...world.config[name], [key]: value };
      }
      world.saveConfig();
    },
  },
  {
    kind: 'an alias of the command',
    relevant: 'yes',
    scene: FILE_KEYS,
    fits: (world) => plainKeys(world) && !world.has('network'),
    prepare: (world) => world.installAWS('more', '2.36.7'),
    change: (world) => void world.write('.aws/cli/alias', '[toplevel]\neks = !echo\n'),
  },
  {
    kind: 'data of AWS in ~/.aws/models',
    relevant: 'maybe',
    scene: FILE_KEYS,
    fits: (world) => plainKeys(world) && !world.has('network'),
    prepare: (world) => world.installAWS('more', '2.36.7'),
    change: (world) => void world.write('.aws/models/partitions.json', '{"partitions":[]}'),
  },
  {
    kind: 'a file of boto',
    relevant: 'yes',
    scene: 'an instance',
    fits: has('instance'),
    prepare: (world) => world.installAWS('more', '2.36.7'),
    change: (world) => void world.write('.boto', '[Credentials]\n'),
  },
  {
    kind: 'the file behind a file:// argument',
    relevant: 'yes',
    scene: FILE_KEYS,
    fits: (world) => world.has('file argument') && !world.has('original'),
    change: (world) => void world.write('names/a', 'named-in-b'),
  },
  {
    kind: 'another working directory',
    relevant: 'yes',
    scene: 'files in the working directory',
    fits: has('relative'),
    prepare: (world) => void world.write(join(world.root, 'w2/credentials'), keysOfPerson('second')),
    change: (world) => {
      world.cwd = join(world.root, 'w2');
    },
  },
];

const cliFiles: readonly Change[] = [
  {
    kind: 'another role in the cache of the CLI',
    relevant: 'yes',
    scene: 'a role in the cache of the CLI',
    fits: (world) => world.has('role') && !world.args.includes('--role-arn'),
    change: (world) => {
      const folder = join(world.home, '.aws/cli/cache');
      for (const name of readdirSync(folder)) world.cliCache(join(folder, name), keyOf('another cached'));
    },
  },
  {
    kind: 'a role in the cache of the CLI, ended',
    relevant: 'yes',
    scene: 'a role in the cache of the CLI',
    fits: has('cached role'),
    change: (world) => {
      const folder = join(world.home, '.aws/cli/cache');
      for (const name of readdirSync(folder)) world.cliCache(join(folder, name), keyOf('cached'), 60);
    },
  },
  {
    kind: 'the cache of the CLI, gone',
    relevant: 'yes',
    scene: 'a role in the cache of the CLI',
    fits: has('cached role'),
    change: (world) => rmSync(join(world.home, '.aws/cli/cache'), { recursive: true }),
  },
  {
    kind: 'the login of another person',
    relevant: 'yes',
    scene: 'single sign-on',
    fits: has('sso'),
    change: (world) => {
      rmSync(join(world.home, '.aws/cli/cache'), { recursive: true, force: true });
      const [name = ''] = readdirSync(join(world.home, '.aws/sso/cache'));
      world.ssoLogin(name.replace('.json', ''), 'bob');
    },
  },
  {
    kind: 'aws sso logout',
    relevant: 'yes',
    scene: 'single sign-on',
    fits: has('sso'),
    change: (world) => {
      for (const name of ['cli', 'sso'])
        rmSync(join(world.home, '.aws', name, 'cache'), { recursive: true, force: true });
    },
  },
  {
    kind: 'another web identity',
    relevant: 'yes',
    scene: 'a web identity',
    fits: has('web identity'),
    change: (world) => {
      rmSync(join(world.home, '.aws/cli/cache'), { recursive: true, force: true });
      world.write(join(world.root, 'jwt'), bearerOf('pod-b'));
    },
  },
  {
    kind: 'another authorization of the container',
    relevant: 'yes',
    scene: 'a container',
    fits: has('container file'),
    change: (world) => void world.write(join(world.root, 'authorization'), bearerOf('pod-b')),
  },
  {
    kind: 'a container service that hands out another role',
    relevant: 'yes',
    scene: 'a container',
    fits: has('container'),
    prepare: (world) => {
      const name = `switched-${sha1(world.root)}`;
      world.set('AWS_CONTAINER_CREDENTIALS_FULL_URI', `${world.surroundings.one.url}/container/${name}`);
      world.traits.add('served elsewhere');
    },
    change: (world) => world.surroundings.one.switchContainer(`switched-${sha1(world.root)}`, 'another'),
  },
  {
    kind: 'a mounted secret, switched by a link of its folder',
    relevant: 'yes',
    scene: 'a container',
    fits: has('container file'),
    prepare: (world) => {
      for (const [folder, person] of [
        ['..1', 'pod-a'],
        ['..2', 'pod-b'],
      ] as const) {
        world.giveDate(world.write(join(world.root, 'mount', folder, 'token'), bearerOf(person)));
      }
      world.link(join(world.root, 'mount/..data'), '..1');
      world.link(join(world.root, 'mount/token'), '..data/token');
      world.set('AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE', join(world.root, 'mount/token'));
    },
    change: (world) => world.link(join(world.root, 'mount/..data'), '..2'),
  },
  {
    kind: 'another session of aws login',
    relevant: 'yes',
    scene: 'aws login',
    fits: has('login'),
    change: (world) => {
      const folder = join(world.home, '.aws/login/cache');
      const keys = { accessKeyId: keyOf('another login'), secretAccessKey: 'EXAMPLEKEY', sessionToken: 'EXAMPLEKEY' };
      const accessToken = { ...keys, expiresAt: new Date(Date.now() + 3_600_000).toISOString() };
      for (const name of readdirSync(folder)) world.write(join(folder, name), JSON.stringify({ accessToken }));
    },
  },
];

const programs: readonly Change[] = [
  {
    kind: 'the program of credential_process, replaced',
    relevant: 'yes',
    scene: 'credential_process',
    fits: has('process'),
    change: (world) => void world.installKeys('more', 'b'),
  },
  {
    kind: 'a program of the same name in a folder before it',
    relevant: 'yes',
    scene: 'credential_process',
    fits: (world) => world.config.default?.credential_process === 'keys',
    change: (world) => void world.installKeys('bin', 'b'),
  },
  {
    kind: 'another order of PATH',
    relevant: 'yes',
    scene: 'credential_process',
    fits: (world) => world.config.default?.credential_process === 'keys',
    prepare: (world) => void world.installKeys('third', 'b'),
    change: (world) => world.set('PATH', `${join(world.root, 'third')}:${world.env.PATH}`),
  },
  {
    kind: 'a program in a folder of PATH that depends on the working directory',
    relevant: 'yes',
    scene: 'credential_process',
    fits: (world) => world.config.default?.credential_process === 'keys',
    prepare: (world) => {
      world.installKeys('w/here', 'here');
      world.installKeys('w2/here', 'there');
      world.set('PATH', `here:${world.env.PATH}`);
      world.traits.add('working directory');
    },
    change: (world) => {
      world.cwd = join(world.root, 'w2');
    },
  },
  {
    kind: 'a link to the other generation of the AWS CLI, of equal date',
    relevant: 'yes',
    scene: 'two profiles in variables',
    fits: has('generations'),
    prepare: (world) => {
      for (const folder of ['more', 'third']) {
        if (folder === 'third') otherGeneration(world, folder);
        world.giveDate(join(world.root, folder, 'aws'));
      }
      world.link(join(world.root, 'bin/aws'), '../more/aws');
    },
    change: (world) => world.link(join(world.root, 'bin/aws'), '../third/aws'),
  },
  {
    kind: 'the other generation of the AWS CLI',
    relevant: 'yes',
    scene: 'two profiles in variables',
    fits: has('generations'),
    change: (world) => otherGeneration(world, 'more'),
  },
  {
    kind: 'the other generation of the AWS CLI, in a folder before',
    relevant: 'yes',
    scene: 'two profiles in variables',
    fits: has('generations'),
    change: (world) => otherGeneration(world, 'bin'),
  },
  {
    kind: 'the AWS CLI of another PATH',
    relevant: 'yes',
    scene: 'two profiles in variables',
    fits: has('generations'),
    prepare: (world) => otherGeneration(world, 'third'),
    change: (world) => world.set('PATH', `${join(world.root, 'third')}:${world.env.PATH}`),
  },
  {
    kind: 'an AWS CLI of version 1, where there was none',
    relevant: 'maybe',
    scene: FILE_KEYS,
    change: (world) => world.installAWS('bin', '1.45.11'),
  },
  {
    kind: 'a script of a person in a folder before the AWS CLI',
    relevant: 'yes',
    scene: FILE_KEYS,
    fits: plainKeys,
    prepare: (world) => world.installAWS('more', '2.36.7'),
    change: (world) => world.installWrapper('bin', 'a'),
  },
  {
    kind: 'a script of a person, replaced',
    relevant: 'yes',
    scene: 'a script called aws',
    fits: (world) => world.has('original') && Object.keys(world.credentials).length === 0,
    change: (world) => world.installWrapper('more', 'b'),
  },
  {
    kind: 'the AWS CLI, gone',
    relevant: 'yes',
    scene: 'a setting that only the CLI can decide',
    fits: has('original'),
    change: (world) => rmSync(join(world.root, 'more/aws')),
  },
];

function otherGeneration(world: World, folder: string): void {
  const first = world.story.includes('aws 1.45.11 in more');
  world.installAWS(folder, first ? '2.36.7' : '1.45.11');
}

const words: readonly Change[] = [
  ['cluster-name', 'prod'],
  ['region', 'ap-south-1'],
  ['profile', 'other'],
].map(([name = '', value]) => ({
  kind: `another --${name}`,
  relevant: 'yes',
  scene: FILE_KEYS,
  fits: (world) => plainKeys(world) && !world.has('network') && !(name === 'region' && world.has('file argument')),
  change: (world) => world.option(name, value),
}));

const untouched: readonly (readonly [kind: string, change: (world: World) => void])[] = [
  ['the folder of the files, touched', (world) => void utimesSync(world.home, GIVEN, GIVEN)],
  ['~/.aws, touched', (world) => void world.write('.aws/unread', 'x')],
  ["the CLI's telemetry", (world) => void world.write('.aws/cli/cache/session.db', 'x')],
  ["the CLI's history", (world) => void world.write('.aws/cli/history/history.db', 'x')],
  ['a kubeconfig', (world) => void world.write('.kube/config', 'x')],
  [
    'the session of another role in the cache of the CLI',
    (world) => world.cliCache('.aws/cli/cache/another.json', keyOf('x')),
  ],
  ['a program of another name', (world) => void world.write(join(world.root, 'bin/kubectl'), '#!/bin/sh\n', 0o755)],
];

export const fileChanges: readonly Change[] = [...archives, ...links, ...files, ...cliFiles, ...programs, ...words];
export const idleFiles: readonly Change[] = untouched.map(([kind, change]) => ({
  ...{ kind, relevant: 'no', scene: FILE_KEYS, change },
}));
