import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ageFolders, date, linkCredentials, linkIntoStore, oldFile, replaceByLink, secondsAgo } from './change.ts';
import { CHANGED } from './constants.ts';
import type { HitCase } from './hit-case.ts';

export const sources: readonly HitCase[] = [
  {
    title: 'a source that was touched in vain: its content counts as changed',
    verdict: 'miss',
    reason: CHANGED,
    after: ({ credentials }) => date(credentials, secondsAgo(0)),
  },
  {
    title: 'a source that was replaced by an older file',
    verdict: 'miss',
    reason: CHANGED,
    after: ({ credentials }) => date(credentials, secondsAgo(7200)),
  },
  {
    title: 'a source that is a second newer',
    verdict: 'miss',
    reason: CHANGED,
    after: ({ credentials }) => date(credentials, secondsAgo(3598)),
  },
  { title: 'a source that is gone', verdict: 'miss', reason: CHANGED, after: ({ credentials }) => rmSync(credentials) },
  {
    title: 'a source that was absent and is there now',
    verdict: 'miss',
    reason: CHANGED,
    after: ({ config }) => writeFileSync(config, ''),
  },
  {
    title: 'an absent source that became a dangling link',
    verdict: 'hit',
    // In a folder that no other source makes anybody look at.
    stored: { sources: ['elsewhere/config'], before: ({ home }) => mkdirSync(join(home, 'elsewhere')) },
    after: ({ home }) => symlinkSync('nowhere', join(home, 'elsewhere/config')),
  },
  {
    title: 'a source whose date was given to it, as by an archive',
    verdict: 'node',
    scriptReason: 'for Node only',
    stored: { before: ({ credentials }) => date(credentials, 1_700_000_000) },
  },
  {
    title: 'a source whose date was given to it, as by an archive, replaced by another of the same date',
    verdict: 'miss',
    reason: CHANGED,
    scriptReason: 'for Node only',
    stored: { before: ({ credentials }) => date(credentials, 1_700_000_000) },
    after: ({ credentials }) => {
      writeFileSync(`${credentials}.new`, 'another');
      date(`${credentials}.new`, 1_700_000_000);
      renameSync(`${credentials}.new`, credentials);
    },
  },
  {
    title: 'a linked folder that leads to another one now, to a file of the same date',
    verdict: 'miss',
    reason: CHANGED,
    scriptReason: 'for Node only',
    stored: {
      sources: ['current/credentials'],
      before: ({ home }) => {
        for (const name of ['one', 'two']) date(oldFile(join(home, name, 'credentials'), name), 1_700_000_000);
        symlinkSync('one', join(home, 'current'));
      },
    },
    after: ({ home }) => {
      rmSync(join(home, 'current'));
      symlinkSync('two', join(home, 'current'));
      ageFolders({ home });
    },
  },
  { title: 'a source behind a link', verdict: 'hit', stored: { before: (world) => linkCredentials(world, 'one') } },
  {
    title: 'a link that leads to another file now',
    verdict: 'miss',
    reason: CHANGED,
    stored: { before: (world) => linkCredentials(world, 'one') },
    after: (world) => {
      linkCredentials(world, 'two');
      date(world.credentials, secondsAgo(3600));
    },
  },
  {
    title: 'a source that was replaced by a link to itself',
    verdict: 'miss',
    reason: CHANGED,
    after: ({ credentials }) => replaceByLink(credentials),
  },
  {
    title: 'a file of a store that dates all its files alike',
    verdict: 'node',
    scriptReason: 'for Node only',
    stored: { sources: ['.aws/from-store'], before: (world) => linkIntoStore(world, 'a') },
  },
  {
    title: 'a link into such a store that leads to another file now',
    verdict: 'miss',
    reason: CHANGED,
    scriptReason: 'for Node only',
    stored: { sources: ['.aws/from-store'], before: (world) => linkIntoStore(world, 'a') },
    after: (world) => linkIntoStore(world, 'b'),
  },
  {
    title: 'many sources',
    verdict: 'hit',
    stored: { sources: ['.aws/sso/cache/a.json', '.aws/cli/cache/b.json', '.aws/login/c.json'] },
  },
  {
    title: 'a source whose path holds an equals sign',
    verdict: 'hit',
    stored: { sources: ['.aws/a=b'], before: ({ home }) => oldFile(join(home, '.aws/a=b')) },
  },
  {
    title: 'a source whose path holds a space',
    verdict: 'node',
    scriptReason: 'for Node only',
    stored: { sources: ['.aws/a b'] },
  },
  {
    title: 'a source that had just been written when it was read, to a shell that compares whole seconds',
    verdict: 'miss',
    reason: CHANGED,
    scriptReason: [CHANGED, 'for Node only'],
    // Half a second, so that only a fine comparison can tell.
    stored: { before: ({ credentials }) => date(credentials, Math.floor(Date.now() / 1000) + 0.25) },
    after: ({ credentials }) => date(credentials, Math.floor(Date.now() / 1000) + 0.75),
  },
];
