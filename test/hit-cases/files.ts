import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { edit, giveAway, prolong, removeStamp, replaceByLink, setField } from './change.ts';
import { ABSENT, CHANGED, FORMAT, NOT_OURS } from './constants.ts';
import type { HitCase } from './hit-case.ts';

export const files: readonly HitCase[] = [
  {
    title: 'an entry that others may read: modes are looked after when writing',
    verdict: 'hit',
    after: ({ entry }) => chmodSync(entry, 0o644),
  },
  {
    title: 'a cache directory behind a link of ours',
    verdict: 'hit',
    after: ({ directory }) => replaceByLink(directory),
  },
  { title: 'text after the line of the entry', verdict: 'hit', after: edit((text) => `${text}more\n`) },
  { title: 'flags that say unattended', verdict: 'hit', stored: { unattended: true } },
  { title: 'flags that say attended', verdict: 'hit', stored: { unattended: false } },
  {
    title: 'no cache directory',
    verdict: 'miss',
    reason: ABSENT,
    after: ({ directory }) => rmSync(directory, { recursive: true }),
  },
  { title: 'no entry', verdict: 'miss', reason: ABSENT, after: ({ entry }) => rmSync(entry) },
  {
    title: 'a link in place of an entry',
    verdict: 'miss',
    reason: NOT_OURS,
    after: ({ entry }) => replaceByLink(entry),
  },
  {
    title: 'a directory in place of an entry',
    verdict: 'miss',
    reason: NOT_OURS,
    after: ({ entry }) => {
      rmSync(entry);
      mkdirSync(entry);
    },
  },
  { title: 'an empty file', verdict: 'miss', reason: FORMAT, after: ({ entry }) => writeFileSync(entry, '') },
  { title: 'an entry of the version before', verdict: 'miss', reason: FORMAT, after: setField(0, '1') },
  { title: 'an entry of the next version', verdict: 'miss', reason: FORMAT, after: setField(0, '3') },
  { title: 'an entry without its newline', verdict: 'miss', reason: FORMAT, after: edit((text) => text.trimEnd()) },
  {
    title: 'an entry that was cut in its token, and closed with a newline',
    verdict: 'miss',
    reason: FORMAT,
    after: edit((text) => `${text.slice(0, -20)}\n`),
  },
  {
    title: 'an entry of another tool',
    verdict: 'miss',
    reason: FORMAT,
    after: edit(
      () =>
        '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","spec":{},"status":{"token":"k8s-aws-v1.x"}}\n',
    ),
  },
  { title: 'an entry for no known reader', verdict: 'miss', reason: FORMAT, after: setField(3, 'x') },
  { title: 'an entry with a longer life than tokens have', verdict: 'miss', reason: FORMAT, after: prolong },
  {
    title: 'an entry whose uptime disagrees with its life',
    verdict: 'miss',
    reason: FORMAT,
    after: setField(7, '99999999'),
  },
  {
    title: 'an entry whose end disagrees with its life',
    verdict: 'miss',
    reason: FORMAT,
    after: setField(9, '1999999999'),
  },
  {
    title: 'an entry whose number a shell would read as octal',
    verdict: 'miss',
    reason: FORMAT,
    after: setField(10, '0840'),
  },
  {
    title: 'an entry whose number holds what separates numbers elsewhere',
    verdict: 'miss',
    reason: FORMAT,
    after: setField(8, '179531:379'),
  },
  {
    title: 'an entry whose number has more digits than a shell may count',
    verdict: 'miss',
    reason: FORMAT,
    after: setField(8, '99999999999999999999999'),
  },
  {
    title: 'an entry whose end has been damaged into one that is the same to a shell of 32 bits',
    verdict: 'miss',
    reason: FORMAT,
    after: edit((text) => text.replace(/(?<=^(?:[^;]*;){9})\d+/, (until) => `${Number(until) + 2 ** 32}`)),
  },
  {
    title: 'an entry whose uptime has more digits than a shell may count',
    verdict: 'miss',
    reason: FORMAT,
    after: setField(6, '18446744073709551616'),
  },
  {
    title: 'an entry that knows when its uptime ends, but not when it began',
    verdict: 'miss',
    reason: FORMAT,
    after: setField(6, '-'),
  },
  {
    title: 'an absent source whose path has been damaged into an encoded one',
    verdict: 'miss',
    reason: FORMAT,
    scriptReason: 'for Node only',
    after: edit((text) => text.replace('/.aws/config"', '/.aws/c%6Fnfig"')),
  },
  {
    title: 'an absent source whose path has been damaged into a line that returns',
    verdict: 'hit',
    after: edit((text) => text.replace('/.aws/config"', '/.aws/con\rig"')),
  },
  {
    title: 'an absent source whose path has been damaged into one that no file can have',
    verdict: 'hit',
    after: edit((text) => text.replace('/.aws/config"', `/.aws/${'c'.repeat(300)}"`)),
  },
  {
    title: 'an absent source whose path has been lost',
    verdict: 'miss',
    reason: FORMAT,
    after: edit((text) => text.replace(/-=[^"]*"/, '-="')),
  },
  {
    title: 'a source whose date has been damaged into the path of its stamps',
    verdict: 'miss',
    reason: FORMAT,
    after: edit((text) => text.replace(/;(\d+=)/, ';/$1')),
  },
  {
    title: 'a source whose date has been damaged into another spelling of it',
    verdict: 'miss',
    reason: FORMAT,
    scriptReason: CHANGED,
    after: edit((text) => text.replace(/;(\d+=)/, ';0$1')),
  },
  {
    title: 'a source whose path has been damaged into another spelling of it',
    verdict: 'miss',
    reason: CHANGED,
    after: edit((text) => text.replace('/.aws/credentials;', '//.aws/credentials;')),
  },
  {
    title: 'an absent source that has been damaged into a program',
    verdict: 'hit',
    after: edit((text) => text.replace('-=', '-*=')),
  },
  {
    title: 'an absent source behind the place where another link leads',
    verdict: 'hit',
    after: edit((text) => text.replace(';-=', ';@=/nowhere;-=')),
  },
  { title: 'an entry with an empty field', verdict: 'miss', reason: FORMAT, after: setField(2, '') },
  {
    title: 'an entry that ends in an empty source',
    verdict: 'miss',
    reason: FORMAT,
    after: edit((text) => text.replace('","spec"', ';","spec"')),
  },
  {
    title: 'an entry that says two different ends',
    verdict: 'miss',
    reason: FORMAT,
    after: edit((text) => text.replace(/"expirationTimestamp":"20../, '"expirationTimestamp":"2099')),
  },
  {
    title: 'a token with a character that no token has',
    verdict: 'miss',
    reason: FORMAT,
    after: edit((text) => text.replace('k8s-aws', 'k8s\\aws')),
  },
  { title: 'an entry for Node only', verdict: 'node', scriptReason: 'for Node only', after: setField(3, 'n') },
  {
    title: 'no stamp of the mint',
    verdict: 'node',
    scriptReason: 'minted in the future',
    after: ({ directory, entry }) => {
      const minted = readFileSync(entry, 'latin1').split(';')[8];
      rmSync(join(directory, 'stamps', `${minted}=`));
    },
  },
  {
    title: 'stamps behind a link',
    verdict: 'node',
    scriptReason: 'stamps of another user',
    after: ({ directory }) => replaceByLink(join(directory, 'stamps')),
  },
  {
    title: 'stamps of another user',
    verdict: 'node',
    scriptReason: 'stamps of another user',
    asRoot: true,
    after: ({ directory }) => giveAway(join(directory, 'stamps')),
  },
  {
    title: 'no stamp before the source',
    verdict: 'node',
    scriptReason: CHANGED,
    after: (world) => removeStamp(world, '-'),
  },
  {
    title: 'no stamp after the source',
    verdict: 'node',
    scriptReason: CHANGED,
    after: (world) => removeStamp(world, '+'),
  },
  {
    title: 'the stamps of a source that another user has replaced',
    verdict: 'node',
    scriptReason: CHANGED,
    asRoot: true,
    after: ({ directory }) => {
      for (const name of readdirSync(join(directory, 'stamps'))) {
        if (/[-+]$/.test(name)) giveAway(join(directory, 'stamps', name));
      }
    },
  },
  {
    title: 'an entry of another user',
    verdict: 'miss',
    reason: NOT_OURS,
    asRoot: true,
    after: ({ entry }) => giveAway(entry),
  },
  {
    title: 'a cache directory of another user',
    verdict: 'miss',
    reason: 'the cache directory belongs to another user',
    asRoot: true,
    after: ({ directory }) => giveAway(directory),
  },
];
