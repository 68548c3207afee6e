import { statSync } from 'node:fs';
import { join } from 'node:path';
import { hasGivenDate, isAsRecorded, isAsRecordedSync } from '../../recording/look.ts';
import type { Recording } from '../../recording/recording.ts';
import { ownsDirectory } from '../directory/own-directory.ts';
import { isOurs, readPrivateFile, readPrivateFileSync } from '../directory/private-file.ts';
import { type EntryQuery, rejectionReason } from '../entry/check-entry.ts';
import type { Entry, EntryFacts, Precision } from '../entry/entry.ts';
import type { Machine } from '../entry/machine.ts';
import { type Outside, recordRejectionReason } from '../entry/outside.ts';
import { parseEntry } from '../entry/parse-entry.ts';
import type { CacheKey } from '../identity/key.ts';
import { expandedWord } from '../identity/variable-words.ts';
import { type EntryFiles, type FileKind, plainFiles } from '../sealed/entry-files.ts';

/** The directory of the entries, and the clock and machine that they are checked against. */
export interface CachePlace {
  readonly directory: string;
  readonly now: () => Date;
  readonly machine: () => Promise<Machine>;
  /** How the files are called and read. @throws Error where there is no key */
  readonly files: () => Promise<EntryFiles>;
}

/** What a reader of the cache needs. */
export interface Reader {
  /** The command word that runs if there is no entry. */
  readonly command: string;
  readonly marginSeconds: number;
  readonly outside: Outside;
}

/**
 * The usable entry of this key, or the reason why there is none.
 * @throws the system's error, ENOENT included
 */
export async function findEntry(place: CachePlace, key: CacheKey, reader: Reader): Promise<Entry | string> {
  return findAt(place, key, 'entry', parseEntry, reader);
}

/**
 * The usable entry of this key, for a process that does nothing else meanwhile. Undefined where there is none, and
 * where {@link findEntry} would be followed by the refinement of the entry, after which the script can read it.
 * @throws the system's error, ENOENT included
 */
export function findEntrySync(
  directory: string,
  key: CacheKey,
  query: Omit<EntryQuery, 'identity'>,
  { outside, files = plainFiles }: { readonly outside: Outside; readonly files?: EntryFiles | undefined },
): Entry | undefined {
  if (key.unusable !== undefined) return undefined;
  const stats = statSync(directory);
  if (!stats.isDirectory() || !isOurs(stats)) return undefined;
  const text = readPrivateFileSync(join(directory, files.nameOf(key, 'entry')));
  const line = text === undefined ? undefined : files.open(key, 'entry', text);
  const entry = line === undefined ? undefined : parseEntry(line);
  if (entry === undefined || rejectionReason(entry, { ...query, identity: key.identity })) return undefined;
  if (recordRejectionReason(entry, outside) || !entry.files.every(isAsRecordedSync)) return undefined;
  const forNode = files.sealed || line?.includes('%') || entry.expanded.length > 0 || entry.files.some(hasGivenDate);
  return entry.precision === 'whole' || forNode ? entry : undefined;
}

/** As {@link findEntry}, for a file of another kind. */
export async function findAt<T extends EntryFacts>(
  place: CachePlace,
  key: CacheKey,
  kind: FileKind,
  parse: (text: string) => T | undefined,
  reader: Reader,
): Promise<T | string> {
  const look = await lookUp(place, key, kind, parse, reader);
  return 'usable' in look ? look.usable : look.problem;
}

/** The result of a look-up: the usable entry, or the problem and the entry that has it. */
export type Lookup<T> =
  | { readonly usable: T }
  | { readonly problem: string; readonly found?: T; readonly changedSource?: string };

/** Reads the file of this key and kind and checks it. @throws the system's error, ENOENT included */
export async function lookUp<T extends EntryFacts>(
  { directory, now, machine, files: filesNow }: CachePlace,
  key: CacheKey,
  kind: FileKind,
  parse: (text: string) => T | undefined,
  reader: Reader,
): Promise<Lookup<T>> {
  if (key.unusable !== undefined) return { problem: key.unusable };
  if (!(await ownsDirectory(directory))) return { problem: 'the cache directory belongs to another user' };
  const files = await filesNow();
  const open = (text: string) => {
    const line = files.open(key, kind, text);
    return line === undefined ? undefined : parse(line);
  };
  const found = await readAt(join(directory, files.nameOf(key, kind)), open);
  if (typeof found === 'string') return { problem: found };
  const seconds = Math.floor(now().getTime() / 1000);
  const query = { ...reader, identity: key.identity, now: seconds, machine: await machine() };
  const problem = rejectionReason(found, query) ?? recordRejectionReason(found, reader.outside);
  if (problem !== undefined) return { problem, found };
  const changedSource = await changedSourceOf(found);
  return changedSource === undefined ? { usable: found } : { problem: 'a source has changed', found, changedSource };
}

/** The parsed content of a file of ours, or the reason why there is none. @throws the system's error, ENOENT included */
export async function readAt<T extends object>(
  path: string,
  parse: (text: string) => T | undefined,
): Promise<T | string> {
  const text = await readPrivateFile(path);
  return text === undefined ? 'not a file of ours' : (parse(text) ?? 'not an entry of this format');
}

/** The path of the first source that has changed since the entry was made. Undefined if none has. */
export async function changedSourceOf({ files }: Pick<EntryFacts, 'files'>): Promise<string | undefined> {
  for (const file of files) if (!(await isAsRecorded(file))) return file.path;
  return undefined;
}

/** What the writer of an entry says about its token or failure. */
export interface EntryInput {
  readonly at: Date;
  readonly until: Date;
  readonly command: string | undefined;
  readonly unattended: boolean;
}

/**
 * The facts that an entry records, in whole seconds and with the uptime at the mint.
 * @throws Error if the token or failure has already ended
 */
export async function entryFacts(
  place: CachePlace,
  key: CacheKey,
  { at, until, command, unattended }: EntryInput,
  { expanded, network, files, lookUps, hostBound, validUntil }: Recording,
  precision: Precision,
): Promise<EntryFacts> {
  const minted = Math.floor(at.getTime() / 1000);
  const end = Math.min(until.getTime(), validUntil?.getTime() ?? Number.POSITIVE_INFINITY);
  const life = Math.floor(end / 1000) - minted;
  const now = place.now().getTime() / 1000;
  if (minted + life <= now) throw new Error('its life has ended');
  const machine = await place.machine();
  const { bootId, uptimeSeconds } = machine;
  const uptimeMinted = uptimeSeconds === undefined ? 0 : Math.floor(uptimeSeconds - (now - minted));
  return {
    identity: key.identity,
    command,
    unattended,
    hostName: hostBound ? machine.hostName : undefined,
    bootId,
    uptimeMinted: uptimeMinted > 0 ? uptimeMinted : undefined,
    minted,
    life,
    precision,
    network: network ? key.network : undefined,
    expanded: [...expanded].map(([name, value]) => expandedWord(name, value)),
    lookUps,
    files,
  };
}
