import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from './world.ts';
import { type Change, FILE_KEYS, plainKeys } from './world-change.ts';

const has = (trait: string) => (world: World) => world.has(trait);

export const programChanges: readonly Change[] = [
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

export const wordChanges: readonly Change[] = [
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
