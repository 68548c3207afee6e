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
  const look = await lookAt(place, key, ending, parse, reader);
  return 'usable' in look ? look.usable : look.problem;
}

/** What lies there: usable, or what speaks against it and whether it is an entry at all. */
export type Look<T> =
  | { readonly usable: T }
  | { readonly problem: string; readonly found?: T; readonly changedSource?: string };

/** What lies under this key and ending, and what speaks against it. @throws the system's error, ENOENT included */
export async function lookAt<T extends Circumstances>(
  { directory, now, machine }: CachePlace,
  key: CacheKey,
  ending: string,
  parse: (text: string) => T | undefined,
  reader: Reader,
): Promise<Look<T>> {
  if (key.unusable !== undefined) return { problem: key.unusable };
  if (!(await ownsDirectory(directory))) return { problem: 'the cache directory belongs to another user' };
  const found = await readAt(join(directory, `${key.fileName}${ending}`), parse);
  if (typeof found === 'string') return { problem: found };
  const seconds = Math.floor(now().getTime() / 1000);
  const question = { ...reader, identity: key.identity, now: seconds, machine: await machine() };
  const problem = objection(found, question);
  if (problem !== undefined) return { problem, found };
  const changedSource = await changedSourceOf(found);
  return changedSource === undefined ? { usable: found } : { problem: 'a source has changed', found, changedSource };
}

/** The content of a file of ours, or why it has none. @throws the system's error, ENOENT included */
export async function readAt<T extends object>(
  path: string,
  parse: (text: string) => T | undefined,
): Promise<T | string> {
  const text = await readPrivateFile(path);
  return text === undefined ? 'not a file of ours' : (parse(text) ?? 'not an entry of this format');
}

/** Which file that decided it is not what it was; undefined: none. */
export async function changedSourceOf({ sources }: Pick<Circumstances, 'sources'>): Promise<string | undefined> {
  for (const source of sources) if (!(await isUnchanged(source))) return source.path;
  return undefined;
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
