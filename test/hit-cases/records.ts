import { chmodSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { NETWORK_VARIABLES } from '../../src/cache/rules.ts';
import { date, oldFile, secondsAgo } from './change.ts';
import { ABSENT, CHANGED } from './constants.ts';
import type { HitCase, HitWorld } from './hit-case.ts';

const NETWORK = 'another proxy or another bundle of certificates';
const PROGRAM = 'another program';
const PROXY = { HTTPS_PROXY: 'http://proxy:3128' };

/** Puts a program into a folder of the home. */
function program({ home }: Pick<HitWorld, 'home'>, folder: string): void {
  chmodSync(oldFile(join(home, folder, 'aws'), '#!/bin/sh\n'), 0o755);
}

const inTwoFolders = { PATH: '{home}/one:{home}/two' };

export const records: readonly HitCase[] = [
  { title: 'a mint that used the network, without proxies', verdict: 'hit', stored: { network: true } },
  {
    title: 'a mint that used the network, behind the same proxy',
    verdict: 'hit',
    env: PROXY,
    stored: { network: true },
  },
  {
    title: 'a mint that used the network, behind the same proxy and with the same certificates',
    verdict: 'hit',
    env: { ...PROXY, no_proxy: 'localhost,.svc,10.0.0.1', AWS_CA_BUNDLE: '/etc/ca.pem' },
    stored: { network: true },
  },
  {
    title: 'a mint that used the network, behind the same proxy for another user of it',
    verdict: 'hit',
    env: { HTTPS_PROXY: 'http://lee:b@proxy:3128' },
    stored: { network: true, env: { HTTPS_PROXY: 'http://kim:EXAMPLEKEY/@proxy:3128' } },
  },
  {
    title: 'a mint that used the network, behind a proxy without a scheme',
    verdict: 'hit',
    env: { https_proxy: 'proxy:3128' },
    stored: { network: true, env: { https_proxy: 'kim:EXAMPLEKEY@proxy:3128' } },
  },
  {
    title: 'a mint that used the network, behind another proxy',
    verdict: 'miss',
    reason: NETWORK,
    env: { HTTPS_PROXY: 'http://other:3128' },
    stored: { network: true, env: PROXY },
  },
  {
    title: 'a mint that used the network, where a proxy has come since',
    verdict: 'miss',
    reason: NETWORK,
    env: PROXY,
    stored: { network: true, env: {} },
  },
  {
    title: 'a mint that used no network, where a bundle of certificates is named since',
    verdict: 'hit',
    env: { AWS_CA_BUNDLE: '~/ca.pem' },
    stored: { env: {} },
  },
  ...['AWS_CA_BUNDLE', 'REQUESTS_CA_BUNDLE'].flatMap((name): HitCase[] => [
    {
      title: `a mint that used no network, where ${name} is blank since`,
      verdict: 'miss',
      reason: 'another identity',
      scriptReason: 'a bundle of certificates for Node',
      env: { [name]: '' },
      stored: { env: {} },
    },
    {
      title: `a mint with an empty ${name}`,
      verdict: 'node',
      scriptReason: 'a bundle of certificates for Node',
      env: { [name]: '' },
    },
  ]),
  {
    title: 'a mint that used the network, with other certificates',
    verdict: 'miss',
    reason: NETWORK,
    env: { AWS_CA_BUNDLE: '/etc/other.pem' },
    stored: { network: true, env: { AWS_CA_BUNDLE: '/etc/ca.pem' } },
  },
  ...NETWORK_VARIABLES.flatMap(({ name, kind }): HitCase[] => {
    const env = { [name]: kind === 'path' ? '/some/where' : 'value' };
    return [
      { title: `${name} as at a mint that used the network`, verdict: 'hit', env, stored: { network: true } },
      { title: `${name} since a mint that did not use the network`, verdict: 'hit', env, stored: { env: {} } },
      {
        title: `${name} since a mint that used the network`,
        verdict: 'miss',
        reason: NETWORK,
        env,
        stored: { network: true, env: {} },
      },
    ];
  }),
  {
    title: 'a proxy that imitates certificates',
    verdict: 'miss',
    reason: NETWORK,
    env: { HTTPS_PROXY: 'http://proxy:3128|AWS_CA_BUNDLE=/etc/ca.pem' },
    stored: { network: true, env: { ...PROXY, AWS_CA_BUNDLE: '/etc/ca.pem' } },
  },
  {
    title: 'a proxy whose user imitates a scheme',
    verdict: 'node',
    scriptReason: 'for Node only',
    env: { HTTPS_PROXY: 'kim:EXAMPLEKEY://x@proxy:3128/?y' },
    stored: { network: true },
  },
  {
    title: 'a variable that a path brought in',
    verdict: 'node',
    scriptReason: 'for Node only',
    env: { STAGE: 'dev' },
    stored: { expanded: ['STAGE', 'UNSET'] },
  },
  {
    title: 'another value of a variable that a path brought in',
    verdict: 'miss',
    reason: 'another variable in a path',
    scriptReason: 'for Node only',
    env: { STAGE: 'prod' },
    stored: { expanded: ['STAGE'], env: { STAGE: 'dev' } },
  },
  {
    title: 'a folder of Python code, where a command has printed the token with it',
    verdict: 'node',
    scriptReason: 'a variable of the program, for Node',
    env: { PYTHONPATH: '/opt/code' },
    stored: { command: 'aws', expanded: ['PYTHONPATH'] },
  },
  ...[{ PYTHONPATH: '/opt/code' }, { PYTHONHOME: '' }].map(
    (env): HitCase => ({
      title: `a folder of Python code (${Object.keys(env)}), where a command has printed the token without it`,
      verdict: 'miss',
      reason: 'another variable of the program',
      scriptReason: 'a variable of the program, for Node',
      env,
      stored: { command: 'aws', env: {} },
    }),
  ),
  {
    title: 'another folder of Python code than that with which a command has printed the token',
    verdict: 'miss',
    reason: 'another variable in a path',
    scriptReason: 'a variable of the program, for Node',
    env: { PYTHONPATH: '/opt/code' },
    stored: { command: 'aws', expanded: ['PYTHONPATH'], env: { PYTHONPATH: '/srv/code' } },
  },
  {
    title: 'a folder of Python code, where no program has made the token',
    verdict: 'hit',
    env: { PYTHONPATH: '/opt/code' },
    stored: { env: {} },
  },
  {
    title: 'a program in the second folder of PATH',
    verdict: 'hit',
    env: inTwoFolders,
    stored: { programs: ['aws'], before: (world) => program(world, 'two') },
  },
  {
    title: 'a program in a folder of PATH that is written with a slash at its end',
    verdict: 'hit',
    env: { PATH: '{home}/one/:{home}/two/' },
    stored: { programs: ['aws'], before: (world) => program(world, 'two') },
  },
  {
    title: 'a program whose installer gave it a date',
    verdict: 'hit',
    env: inTwoFolders,
    stored: {
      programs: ['aws'],
      before: (world) => {
        program(world, 'one');
        date(join(world.home, 'one/aws'), 1_700_000_000);
      },
    },
  },
  {
    title: 'a program that another one of the same name stands before now',
    verdict: 'miss',
    reason: PROGRAM,
    env: inTwoFolders,
    stored: { programs: ['aws'], before: (world) => program(world, 'two') },
    after: (world) => program(world, 'one'),
  },
  {
    title: 'a program behind a folder and a file that cannot be started',
    verdict: 'hit',
    env: { PATH: '{home}/none:{home}/folder:{home}/file:{home}/two' },
    stored: {
      programs: ['aws'],
      before: (world) => {
        mkdirSync(join(world.home, 'folder/aws'), { recursive: true });
        oldFile(join(world.home, 'file/aws'));
        program(world, 'two');
      },
    },
  },
  {
    title: 'a program that is gone',
    verdict: 'miss',
    reason: PROGRAM,
    env: inTwoFolders,
    stored: { programs: ['aws'], before: (world) => program(world, 'two') },
    after: ({ home }) => rmSync(join(home, 'two/aws')),
  },
  {
    title: 'a program that was replaced in its place',
    verdict: 'miss',
    reason: CHANGED,
    env: inTwoFolders,
    stored: { programs: ['aws'], before: (world) => program(world, 'two') },
    after: ({ home }) => date(join(home, 'two/aws'), secondsAgo(1000)),
  },
  {
    title: 'a program whose link leads to another one now',
    verdict: 'miss',
    reason: CHANGED,
    env: inTwoFolders,
    stored: {
      programs: ['aws'],
      before: (world) => {
        for (const folder of ['v1', 'v2']) {
          program(world, folder);
          date(join(world.home, folder, 'aws'), secondsAgo(5000));
        }
        mkdirSync(join(world.home, 'one'));
        symlinkSync('../v1/aws', join(world.home, 'one/aws'));
      },
    },
    after: ({ home }) => {
      rmSync(join(home, 'one/aws'));
      symlinkSync('../v2/aws', join(home, 'one/aws'));
    },
  },
  {
    title: 'a program that there was not and is not',
    verdict: 'hit',
    env: inTwoFolders,
    stored: { programs: ['aws'] },
  },
  {
    title: 'a program that there was not',
    verdict: 'miss',
    reason: PROGRAM,
    env: inTwoFolders,
    stored: { programs: ['aws'] },
    after: (world) => program(world, 'two'),
  },
  {
    title: 'a program behind a folder of PATH that depends on the working directory',
    verdict: 'node',
    scriptReason: 'a PATH for Node',
    env: { PATH: 'bin:{home}/two' },
    stored: { programs: ['aws'], before: (world) => program(world, 'two') },
  },
  {
    title: 'a program behind an empty folder of PATH',
    verdict: 'node',
    scriptReason: 'a PATH for Node',
    env: { PATH: ':{home}/two' },
    stored: { programs: ['aws'], before: (world) => program(world, 'two') },
  },
  {
    title: 'a folder in place of a source, as at the mint',
    verdict: 'node',
    scriptReason: CHANGED,
    stored: { sources: ['folder'], before: ({ home }) => mkdirSync(join(home, 'folder')) },
  },
  {
    title: 'a role whose name imitates another word',
    verdict: 'miss',
    scriptReason: 'an argument for Node',
    words: ['aws', '--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'dev', '--role-arn', 'a|'],
    reason: ABSENT,
    stored: { words: ['aws', '--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'dev', '--role-arn', 'a'] },
  },
];
