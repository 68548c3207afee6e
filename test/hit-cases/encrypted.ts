import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheKey } from '../../src/cache/identity/key.ts';
import { sealedFiles, sealOfEntries } from '../../src/cache/sealed/entry-files.ts';
import { keyBytes } from '../../src/cache/sealed/key-file.ts';
import { giveAway, oldFile, replaceByLink } from './change.ts';
import { ABSENT, CHANGED, FORMAT, NOT_OURS, OTHER_BOOT, PLAIN, ROLE, TOO_OLD } from './constants.ts';
import type { HitCase, HitWorld } from './hit-case.ts';

const KEY = '{home}/safe/key';
/** The words of a kubeconfig that names a key file. */
const words: readonly string[] = [`--encrypt=${KEY}`, ...PLAIN];
/** Of the script: what is behind `--encrypt` is for Node. */
const scriptReason = 'an encrypted entry';

const keyOf = ({ home }: HitWorld): string => join(home, 'safe', 'key');

/** Writes the entry again with this change of its bytes, under the date that it had. */
function changeBytes({ entry }: HitWorld, change: (bytes: Buffer) => Buffer): void {
  const { atime, mtime } = statSync(entry);
  writeFileSync(entry, change(readFileSync(entry)));
  utimesSync(entry, atime, mtime);
}

/** Moves the entry to the name of the same cluster in another region, or of another key. */
function moveTo(world: HitWorld, region: string, key = readFileSync(keyOf(world))): void {
  const facts = { tool: 'aws', cluster: 'dev', region, env: { HOME: world.home, PATH: process.env.PATH } } as const;
  const name = sealedFiles(sealOfEntries(keyBytes(key) ?? key)).nameOf(cacheKey(facts), 'entry');
  copyFileSync(world.entry, join(world.directory, name));
}

export const encrypted: readonly HitCase[] = [
  { title: 'an encrypted entry', verdict: 'node', words, scriptReason },
  {
    title: 'an encrypted entry whose key lies in memory',
    verdict: 'node',
    words: ['--encrypt', ...PLAIN],
    env: { XDG_RUNTIME_DIR: '{home}/run' },
    scriptReason,
  },
  {
    title: 'an encrypted entry behind two dashes',
    verdict: 'node',
    words: [`--encrypt=${KEY}`, '--', ...PLAIN],
    scriptReason,
  },
  {
    title: 'an encrypted entry of a profile',
    verdict: 'node',
    words: [...words, '--profile', 'acme corp'],
    scriptReason,
  },
  { title: 'an encrypted entry of a role', verdict: 'node', words: [...words, '--role-arn', ROLE], scriptReason },
  {
    title: 'an encrypted entry of keys in the environment',
    verdict: 'node',
    words,
    env: { AWS_ACCESS_KEY_ID: 'AKIDENV', AWS_SECRET_ACCESS_KEY: 'secret', AWS_SESSION_TOKEN: 'session' },
    scriptReason,
  },
  {
    title: 'an encrypted entry in another directory',
    verdict: 'node',
    words,
    env: { EKS_TOKEN_CACHE_DIR: '{home}/elsewhere' },
    scriptReason,
  },
  {
    title: 'an encrypted entry of a mint behind a proxy',
    verdict: 'node',
    words,
    env: { https_proxy: 'http://user:password@proxy.example:3128' },
    stored: { network: true },
    scriptReason,
  },
  { title: 'an encrypted entry of this host', verdict: 'node', words, stored: { hostBound: true }, scriptReason },
  {
    title: 'an encrypted entry of before this boot',
    verdict: 'node',
    words,
    stored: { machine: { bootId: OTHER_BOOT } },
    scriptReason,
  },
  { title: 'an encrypted entry of a program', verdict: 'node', words, stored: { programs: ['sh'] }, scriptReason },
  {
    title: 'an encrypted entry of credentials with a given date',
    verdict: 'node',
    words,
    stored: { before: ({ credentials }) => utimesSync(credentials, 1_700_000_000, 1_700_000_000) },
    scriptReason,
  },
  {
    title: 'an encrypted entry whose key is gone',
    verdict: 'miss',
    words,
    after: (world) => rmSync(keyOf(world)),
    scriptReason,
  },
  {
    title: 'an encrypted entry of another key',
    verdict: 'miss',
    reason: ABSENT,
    words,
    after: (world) => writeFileSync(keyOf(world), 'another key of more than thirty-two bytes'),
    scriptReason,
  },
  {
    title: 'an encrypted entry of another key under the name that it would have',
    verdict: 'miss',
    reason: FORMAT,
    words,
    after: (world) => {
      writeFileSync(keyOf(world), 'another key of more than thirty-two bytes');
      moveTo(world, 'us-east-1');
    },
    scriptReason,
  },
  {
    title: 'an encrypted entry whose key other users can read',
    verdict: 'miss',
    words,
    after: (world) => chmodSync(keyOf(world), 0o640),
    scriptReason,
  },
  {
    title: 'an encrypted entry whose key is a link',
    verdict: 'miss',
    words,
    after: (world) => replaceByLink(keyOf(world)),
    scriptReason,
  },
  {
    title: 'an encrypted entry whose key belongs to another user',
    verdict: 'miss',
    words,
    after: (world) => giveAway(keyOf(world)),
    asRoot: true,
    scriptReason,
  },
  {
    title: 'an encrypted entry whose key is too short',
    verdict: 'miss',
    words,
    after: (world) => writeFileSync(keyOf(world), 'short'),
    scriptReason,
  },
  {
    title: 'an encrypted entry with one bit changed',
    verdict: 'miss',
    reason: FORMAT,
    words,
    after: (world) =>
      changeBytes(world, (bytes) => {
        bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
        return bytes;
      }),
    scriptReason,
  },
  {
    title: 'an encrypted entry that was cut off',
    verdict: 'miss',
    reason: FORMAT,
    words,
    after: (world) => changeBytes(world, (bytes) => bytes.subarray(0, -1)),
    scriptReason,
  },
  {
    title: 'an encrypted entry under the name of another region',
    verdict: 'miss',
    reason: FORMAT,
    words: words.map((word) => word.replace('us-east-1', 'us-west-2')),
    stored: { words },
    after: (world) => moveTo(world, 'us-west-2'),
    scriptReason,
  },
  {
    title: 'a plain entry does not answer for an encrypted one',
    verdict: 'miss',
    reason: ABSENT,
    words,
    stored: { words: PLAIN },
    after: (world) => {
      mkdirSync(join(world.home, 'safe'));
      writeFileSync(keyOf(world), 'a key of more than thirty-two bytes', { mode: 0o600 });
    },
    scriptReason,
  },
  {
    title: 'an encrypted entry does not answer for a plain one',
    verdict: 'miss',
    reason: ABSENT,
    stored: { words },
  },
  {
    title: 'an encrypted entry whose credentials have changed',
    verdict: 'miss',
    reason: CHANGED,
    words,
    after: ({ credentials }) => {
      oldFile(credentials, '[default]\n# changed\n');
      utimesSync(credentials, 1_700_000_001.5, 1_700_000_001.5);
    },
    scriptReason,
  },
  {
    title: 'an encrypted entry that is too old',
    verdict: 'miss',
    reason: TOO_OLD,
    words,
    stored: { secondsAgo: 800 },
    scriptReason,
  },
  {
    title: 'a link in the place of an encrypted entry',
    verdict: 'miss',
    reason: NOT_OURS,
    words,
    after: ({ entry }) => replaceByLink(entry),
    scriptReason,
  },
];
