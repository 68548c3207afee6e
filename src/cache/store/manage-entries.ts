import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { COLLECTED_MARK, collectGarbage, isOrphanedNote } from '../directory/collect-garbage.ts';
import { ownsDirectory } from '../directory/own-directory.ts';
import { readPrivateFile } from '../directory/private-file.ts';
import { BESIDE } from '../directory/remove-entry.ts';
import { type Entry, toldUntil } from '../entry/entry.ts';
import { readMachine } from '../entry/machine.ts';
import { outsideOf } from '../entry/outside.ts';
import { parseEntry } from '../entry/parse-entry.ts';
import type { CacheKey } from '../identity/key.ts';
import { decodeText } from '../identity/safe-text.ts';
import { DEFAULT_MARGIN_SECONDS, PLUGIN_TOOL, SEALED_HEAD, SEALED_NAME } from '../rules.ts';
import type { EntryFiles } from '../sealed/entry-files.ts';
import type { CacheReader } from './cache-requests.ts';
import { changedSourceOf, lookUp, readAt } from './find-entry.ts';

/** An entry as the CLI shows it, without the token. The entry of another plugin has a command instead of a cluster. */
export interface ManagedEntry {
  readonly fileName: string;
  /**
   * `valid`: not expired. `ended`: expired. `changed`: a source has changed since it was made. `sealed`: encrypted, so that
   * only its file's date is known. `foreign`: not an entry of this format.
   */
  readonly state: 'valid' | 'ended' | 'changed' | 'sealed' | 'foreign';
  readonly cluster?: string | undefined;
  readonly region?: string | undefined;
  /** Of the flag, else of AWS_PROFILE or AWS_DEFAULT_PROFILE. */
  readonly profile?: string | undefined;
  readonly roleArn?: string | undefined;
  readonly mintedAt?: Date | undefined;
  readonly expiresAt?: Date | undefined;
  /** The command that printed the token. Absent if it was minted in-process. */
  readonly command?: string | undefined;
}

/** All entries of the directory, sorted by name. Empty if the directory does not exist or is not ours. */
export async function listEntries(directory: string, now: Date): Promise<readonly ManagedEntry[]> {
  const names = await entryNames(directory);
  return Promise.all(names.map((name) => manage(directory, name, now)));
}

/**
 * Removes the entries that match, with the files beside them. Also removes notes and failures whose entry does not exist:
 * a remembered failure is reported instead of a new attempt.
 * @returns the removed entries
 * @throws the system's error
 */
export async function clearEntries(
  directory: string,
  now: Date,
  matches: (entry: ManagedEntry) => boolean,
): Promise<readonly ManagedEntry[]> {
  const found = (await listEntries(directory, now)).filter(matches);
  const cleared = new Set(found.map(({ fileName }) => fileName));
  const names = await namesIn(directory);
  const kept = new Set(names.filter((name) => isEntryName(name) && !cleared.has(name)));
  for (const name of names) {
    const goes = cleared.has(name.replace(BESIDE, '')) || (await isOrphanedNote(directory, name, kept));
    if (goes) await rm(join(directory, name), { force: true });
  }
  return found;
}

/** Collects garbage now. @returns how many files were removed @throws the system's error */
export async function collectNow(directory: string): Promise<number> {
  const before = await countFiles(directory);
  if (before === 0) return 0;
  await rm(join(directory, COLLECTED_MARK), { force: true });
  await collectGarbage(directory);
  return Math.max(0, before - (await countFiles(directory)));
}

/** The state of the shared entry of one identity. */
export type Inspection =
  | { readonly state: 'none' }
  | { readonly state: 'unusable'; readonly reason: string; readonly entry?: ManagedEntry | undefined }
  | { readonly state: 'valid'; readonly entry: ManagedEntry & { readonly expiresAt: Date; readonly mintedAt: Date } };

/** Checks the entry of an identity as a reader does, and changes nothing. Never throws. */
export async function inspectEntry(
  directory: string,
  key: CacheKey,
  { now, env, files, ...reader }: CacheReader & { readonly now: Date; readonly files: EntryFiles },
): Promise<Inspection> {
  try {
    const place = { directory, now: () => now, machine: readMachine, files: async () => files };
    const look = await lookUp(place, key, 'entry', parseEntry, { ...reader, outside: outsideOf(key, env) });
    const fileName = files.nameOf(key, 'entry');
    const shown = (entry: Entry) => ({ ...describe(fileName, entry, now), ...timesOf(entry) });
    if ('usable' in look) return { state: 'valid', entry: shown(look.usable) };
    const { problem, found, changedSource } = look;
    const reason = changedSource === undefined ? problem : `${changedSource} has changed`;
    return { state: 'unusable', reason, ...(found && { entry: shown(found) }) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? { state: 'none' } : { state: 'unusable', reason: `it cannot be read (${code})` };
  }
}

async function entryNames(directory: string): Promise<string[]> {
  return (await namesIn(directory)).filter(isEntryName).sort();
}

function isEntryName(name: string): boolean {
  return name.endsWith('.json') || SEALED_NAME.test(name);
}

async function namesIn(directory: string): Promise<string[]> {
  const ours = await ownsDirectory(directory).catch(() => false);
  return ours ? await readdir(directory) : [];
}

async function countFiles(directory: string): Promise<number> {
  const names = await readdir(directory, { recursive: true }).catch(() => []);
  return names.length;
}

async function manage(directory: string, fileName: string, now: Date): Promise<ManagedEntry> {
  if (SEALED_NAME.test(fileName)) return manageSealed(directory, fileName, now);
  const entry = await readAt(join(directory, fileName), parseEntry).catch(() => 'it cannot be read');
  if (typeof entry === 'string') return { fileName, state: 'foreign' };
  const shown = describe(fileName, entry, now);
  return shown.state === 'valid' && (await changedSourceOf(entry)) !== undefined
    ? { ...shown, state: 'changed' }
    : shown;
}

/** A sealed entry opens only for who asks for its identity. Its file is dated a minute before its end. */
async function manageSealed(directory: string, fileName: string, now: Date): Promise<ManagedEntry> {
  const path = join(directory, fileName);
  const text = await readPrivateFile(path).catch(() => undefined);
  if (!text?.startsWith(SEALED_HEAD)) return { fileName, state: 'foreign' };
  const dated = await stat(path).catch(() => undefined);
  if (dated === undefined) return { fileName, state: 'foreign' };
  const expiresAt = new Date(Math.round(dated.mtimeMs) + DEFAULT_MARGIN_SECONDS * 1000);
  return { fileName, state: expiresAt <= now ? 'ended' : 'sealed', expiresAt };
}

function describe(fileName: string, entry: Entry, now: Date): ManagedEntry {
  const [tool, cluster, region, profile, roleArn, , ...variables] = entry.identity.split('|').map(plain);
  const variable = (name: string) => {
    const word = variables.find((one) => one.startsWith(`${name}=`));
    return word?.slice(name.length + 1) || undefined;
  };
  const ended = toldUntil(entry) * 1000 <= now.getTime();
  return {
    fileName,
    state: ended ? 'ended' : 'valid',
    cluster: tool === PLUGIN_TOOL ? undefined : cluster,
    region: region || variable('AWS_REGION') || variable('AWS_DEFAULT_REGION'),
    profile: profile || variable('AWS_PROFILE') || variable('AWS_DEFAULT_PROFILE'),
    roleArn: roleArn || undefined,
    command: entry.command,
    ...timesOf(entry),
  };
}

function timesOf(entry: Entry): { mintedAt: Date; expiresAt: Date } {
  return { mintedAt: new Date(entry.minted * 1000), expiresAt: new Date(toldUntil(entry) * 1000) };
}

function plain(field: string): string {
  return decodeText(field) ?? '';
}

/** Whether other users have access to a directory or file. Undefined if it does not exist. */
export async function openToOthers(path: string): Promise<boolean | undefined> {
  const stats = await stat(path).catch(() => undefined);
  return stats && process.platform !== 'win32' ? (stats.mode & 0o077) !== 0 : undefined;
}
