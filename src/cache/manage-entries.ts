import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { COLLECTED_MARK, collectGarbage, isNoteOfNone } from './collect.ts';
import { type Entry, toldUntil } from './entry.ts';
import { changedSourceOf, lookAt, readAt } from './find-entry.ts';
import type { CacheKey } from './key.ts';
import { readMachine } from './machine.ts';
import { ownsDirectory } from './own-directory.ts';
import { parseEntry } from './parse-entry.ts';
import { IDENTITY_VARIABLES, PLUGIN_TOOL } from './rules.ts';
import { decodeText } from './safe-text.ts';

/** An entry as people look at it: everything but the token. Of another plugin: no cluster, but its command. */
export interface ManagedEntry {
  readonly fileName: string;
  /**
   * `valid`: clients may be told it now; `ended`; `changed`: a file that decided it is not what it was; `foreign`: not
   * an entry of this format.
   */
  readonly state: 'valid' | 'ended' | 'changed' | 'foreign';
  readonly cluster?: string | undefined;
  readonly region?: string | undefined;
  /** By the flag, else by AWS_PROFILE or AWS_DEFAULT_PROFILE. */
  readonly profile?: string | undefined;
  readonly roleArn?: string | undefined;
  readonly mintedAt?: Date | undefined;
  readonly expiresAt?: Date | undefined;
  /** The command that printed it; absent: minted in-process. */
  readonly command?: string | undefined;
}

/** Every entry of the directory, in the order of their names; none where there is no directory or it is not ours. */
export async function listEntries(directory: string, now: Date): Promise<readonly ManagedEntry[]> {
  const names = await entryNames(directory);
  return Promise.all(names.map((name) => manage(directory, name, now)));
}

/** What lies beside an entry under its name. A lock is left: somebody may hold it. */
const BESIDE = /\.(error|meta|busy|renew\d+|asked[0-7])$/;

/**
 * Removes the entries that match, with what lies beside them; also notes beside an entry that is gone: failures most of
 * all, which would be told instead of tried again.
 * @returns those that were removed
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
  const kept = new Set(names.filter((name) => name.endsWith('.json') && !cleared.has(name)));
  for (const name of names) {
    const goes = cleared.has(name.replace(BESIDE, '')) || (await isNoteOfNone(directory, name, kept));
    if (goes) await rm(join(directory, name), { force: true });
  }
  return found;
}

/** Collects garbage now, whenever that was done last. @returns how many files went @throws the system's error */
export async function collectNow(directory: string): Promise<number> {
  const before = await countFiles(directory);
  if (before === 0) return 0;
  await rm(join(directory, COLLECTED_MARK), { force: true });
  await collectGarbage(directory);
  return Math.max(0, before - (await countFiles(directory)));
}

/** What the shared entry of one identity says, for those who only want to know. */
export type Inspection =
  | { readonly state: 'none' }
  | { readonly state: 'unusable'; readonly reason: string; readonly entry?: ManagedEntry | undefined }
  | { readonly state: 'valid'; readonly entry: ManagedEntry & { readonly expiresAt: Date; readonly mintedAt: Date } };

/** Looks at the entry of an identity as a reader would, and changes nothing. Never throws. */
export async function inspectEntry(
  directory: string,
  key: CacheKey,
  { command, now, marginSeconds }: { command: string; now: Date; marginSeconds: number },
): Promise<Inspection> {
  try {
    const place = { directory, now: () => now, machine: readMachine };
    const look = await lookAt(place, key, '', parseEntry, { command, marginSeconds });
    const shown = (entry: Entry) => ({ ...describe(key.fileName, entry, now), ...timesOf(entry) });
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
  return (await namesIn(directory)).filter((name) => name.endsWith('.json')).sort();
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
  const entry = await readAt(join(directory, fileName), parseEntry).catch(() => 'it cannot be read');
  if (typeof entry === 'string') return { fileName, state: 'foreign' };
  const shown = describe(fileName, entry, now);
  return shown.state === 'valid' && (await changedSourceOf(entry)) !== undefined
    ? { ...shown, state: 'changed' }
    : shown;
}

function describe(fileName: string, entry: Entry, now: Date): ManagedEntry {
  const [tool, cluster, region, profile, roleArn, , ...variables] = entry.identity.split('|').map(plain);
  const variable = (name: string) => {
    const value = variables[IDENTITY_VARIABLES.findIndex((one) => one.name === name)];
    return value?.replace(/^=/, '') || undefined;
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

/** Whether a directory or file lets others in; undefined where there is none. */
export async function openToOthers(path: string): Promise<boolean | undefined> {
  const stats = await stat(path).catch(() => undefined);
  return stats && process.platform !== 'win32' ? (stats.mode & 0o077) !== 0 : undefined;
}
