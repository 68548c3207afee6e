import { join } from 'node:path';
import type { Circumstances, Entry } from './entry.ts';
import { objection } from './judge.ts';
import type { CacheKey } from './key.ts';
import type { Machine } from './machine.ts';
import { ownsDirectory } from './own-directory.ts';
import { parseEntry } from './parse-entry.ts';
import { readPrivateFile } from './private-file.ts';
import { isUnchanged } from './source-watch.ts';

/** Where entries lie, and by whose clock they are judged. */
export interface CachePlace {
  readonly directory: string;
  readonly now: () => Date;
  readonly machine: () => Promise<Machine>;
}

/** Who asks. */
export interface Reader {
  /** The command word that would be run instead. */
  readonly command: string;
  readonly marginSeconds: number;
}

/**
 * The usable entry under this key, or why there is none.
 * @throws the system's error, ENOENT included
 */
export async function findEntry(place: CachePlace, key: CacheKey, reader: Reader): Promise<Entry | string> {
  return findAt(place, key, '', parseEntry, reader);
}

/** The same for what lies beside an entry, under its name and an ending. */
export async function findAt<T extends Circumstances>(
  place: CachePlace,
  key: CacheKey,
  ending: string,
  parse: (text: string) => T | undefined,
  reader: Reader,
): Promise<T | string> {
  if (key.unusable !== undefined) return key.unusable;
  if (!(await ownsDirectory(place.directory))) return 'the cache directory belongs to another user';
  const text = await readPrivateFile(join(place.directory, `${key.fileName}${ending}`));
  if (text === undefined) return 'not a file of ours';
  const found = parse(text);
  if (!found) return 'not an entry of this format';
  const now = Math.floor(place.now().getTime() / 1000);
  const { identity } = key;
  const problem = objection(found, { ...reader, identity, now, machine: await place.machine() });
  if (problem !== undefined) return problem;
  for (const source of found.sources) if (!(await isUnchanged(source))) return 'a source has changed';
  return found;
}

/** What is written down beside a token or a failure that was had at a moment. */
export interface Happening {
  readonly at: Date;
  readonly until: Date;
  readonly command: string | undefined;
  readonly unattended: boolean;
  readonly hostBound: boolean;
}

/**
 * Writes a happening down in whole seconds, with the uptime of its moment.
 * @throws Error if it has ended
 */
export async function circumstancesOf(
  place: CachePlace,
  key: CacheKey,
  { at, until, command, unattended, hostBound }: Happening,
  from: Pick<Circumstances, 'sources' | 'precision'>,
): Promise<Circumstances> {
  const minted = Math.floor(at.getTime() / 1000);
  const life = Math.floor(until.getTime() / 1000) - minted;
  const now = place.now().getTime() / 1000;
  if (minted + life <= now) throw new Error('its life has ended');
  const { hostName, bootId, uptimeSeconds } = await place.machine();
  const uptimeMinted = uptimeSeconds === undefined ? 0 : Math.floor(uptimeSeconds - (now - minted));
  return {
    identity: key.identity,
    command,
    unattended,
    hostName: hostBound ? hostName : undefined,
    bootId,
    uptimeMinted: uptimeMinted > 0 ? uptimeMinted : undefined,
    minted,
    life,
    ...from,
  };
}
