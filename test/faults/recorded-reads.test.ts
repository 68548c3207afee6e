import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { beforeAll, expect, it } from 'vitest';
import { cliCacheFile } from '../../src/aws/plan/assume-role-source.ts';
import { writeAWSProgram } from '../support/aws-program.ts';
import { FakeHome } from '../support/fake-aws-home.ts';
import { optionalProgram } from '../support/optional-programs.ts';
import { temporaryFolder } from '../support/temporary.ts';

// Every path of the outside that a mint opens or looks at is in its recording.

const strace = optionalProgram('strace') ?? '';
const ROLE = 'arn:aws:iam::123456789012:role/admin';

/** Paths that a mint touches and that decide nothing. */
const DECIDE_NOTHING: readonly (readonly [why: string, path: RegExp])[] = [
  ['libuv gives a program no other input than this', /^\/dev\/null$/],
  ['where there is such a folder, the names in it that count are recorded', /\/\.aws\/models$/],
  ['the C library and the kernel describe the machine', /^\/(?:proc|sys)\//],
];

let program = '';
beforeAll(() => {
  program = join(temporaryFolder('program'), 'recorded-mint.mjs');
  buildSync({
    entryPoints: [fileURLToPath(new URL('../support/recorded-mint-program.ts', import.meta.url))],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
  });
});

const flags = (_: FakeHome, ...words: string[]): readonly string[] => words;

/** The worlds of a mint, each with the arguments of `aws`. */
const WORLDS: readonly (readonly [title: string, world: (home: FakeHome) => readonly string[]])[] = [
  ['keys in the credentials file', (home) => flags(home.withStaticKeys())],
  ['no credentials file, no config', () => []],
  [
    'a role whose session the AWS CLI keeps',
    (home) => {
      home.withStaticKeys().withConfig(`[profile r]\nrole_arn = ${ROLE}\nsource_profile = default\n`);
      const file = cliCacheFile(home.directory, { roleArn: ROLE });
      mkdirSync(dirname(file), { recursive: true });
      const Expiration = new Date(Date.now() + 3_600_000).toISOString();
      const keys = { AccessKeyId: 'ASIAKEPT', SecretAccessKey: 'EXAMPLEKEY', SessionToken: 'EXAMPLEKEY-session' };
      writeFileSync(file, JSON.stringify({ Credentials: { ...keys, Expiration } }));
      return ['--profile', 'r'];
    },
  ],
  ['a credential_process', (home) => flags(home.withProcess(), '--profile', 'process')],
  [
    'an argument in a file, whose path holds a variable',
    (home) => {
      home.withStaticKeys().env.STAGE = 'a';
      mkdirSync(join(home.directory, 'a'));
      writeFileSync(join(home.directory, 'a', 'role'), ROLE);
      return ['--cluster-id', `file://${home.directory}/$STAGE/role`];
    },
  ],
  [
    'an installed AWS CLI whose release decides',
    (home) => {
      home.withStaticKeys();
      Object.assign(home.env, { AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'us-west-2' });
      writeAWSProgram(join(home.directory, 'bin/aws'), `echo 'aws-cli/2.36.7'`);
      return [];
    },
  ],
  [
    'a folder of models',
    (home) => {
      home.withStaticKeys();
      mkdirSync(join(home.directory, '.aws/models'));
      return [];
    },
  ],
];

it.skipIf(!strace).each(WORLDS)('Every path that a mint looks at is in its recording: %s', (_, world) => {
  const home = new FakeHome();
  home.env.AWS_EC2_METADATA_DISABLED = 'true';
  const given = world(home);
  const args = ['eks', 'get-token', ...(given[0] === '--cluster-id' ? [] : ['--cluster-name', 'dev']), ...given];
  const region = home.env.AWS_REGION ? [] : ['--region', 'us-east-1'];
  const log = join(home.directory, 'strace.log');
  const options = ['-f', '-qq', '-o', log, '--trace=%file'];
  const words = [...options, process.execPath, program, JSON.stringify(home.env), ...args, ...region];
  const { stdout, stderr } = spawnSync(strace, words, { env: home.env, encoding: 'utf8' });
  expect(stdout, stderr).toMatch(/^\{/);
  const { files, lookUps } = JSON.parse(stdout) as { files: string[]; lookUps: string[] };
  const folders = home.env.PATH?.split(delimiter) ?? [];
  const searched = lookUps.flatMap((name) => folders.map((folder) => join(folder, name)));
  const recorded = new Set([...files, ...searched]);
  const looked = pathsOf(readFileSync(log, 'latin1'));
  expect(looked.length).toBeGreaterThan(2);
  const around = looked.filter((path) => !recorded.has(path) && !DECIDE_NOTHING.some(([, known]) => known.test(path)));
  expect([...new Set(around)]).toEqual([]);
});

/** The paths that our own process looked at between the two marks; what programs do that it starts is theirs. */
function pathsOf(log: string): string[] {
  const calls = log.split('\n').map((line) => /^(\d+)\s+(\w+)\((?:AT_FDCWD, )?"([^"]*)"/.exec(line) ?? []);
  const begin = calls.findIndex(([, , , path]) => path === '/begin-of-mint');
  const end = calls.findIndex(([, , , path]) => path === '/end-of-mint');
  const between = calls.slice(begin + 1, end);
  const programs = new Set(between.filter(([, , call]) => call === 'execve').map(([, id]) => id));
  return between.flatMap(([, id, , path]) => (path === undefined || programs.has(id) ? [] : [path]));
}
