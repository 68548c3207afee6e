import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ini, keysOf, ROLE, type World } from './world.ts';
import { type Change, FILE_KEYS, plainKeys } from './world-change.ts';

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
    relevant: 'yes',
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

export const fileChanges: readonly Change[] = [...archives, ...links, ...files];
