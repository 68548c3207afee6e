import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { collectGarbage, isNoteOfNone } from './collect.ts';
import { type Entry, toldUntil } from './entry.ts';
import { objection } from './judge.ts';
import type { CacheKey } from './key.ts';
import { readMachine } from './machine.ts';
import { ownsDirectory } from './own-directory.ts';
import { parseEntry } from './parse-entry.ts';
import { readPrivateFile } from './private-file.ts';
import { IDENTITY_VARIABLES, PLUGIN_TOOL } from './rules.ts';
import { decodeText } from './safe-text.ts';
import { isUnchanged } from './source-watch.ts';

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
  await rm(join(directory, '.collected'), { force: true });
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
  if (key.unusable !== undefined) return { state: 'unusable', reason: key.unusable };
  try {
    if (!(await ownsDirectory(directory)))
      return { state: 'unusable', reason: 'the directory belongs to another user' };
    const entry = parseEntry((await readPrivateFile(join(directory, key.fileName))) ?? '');
    if (!entry) return { state: 'unusable', reason: 'not an entry of this format' };
    const shown = { ...describe(key.fileName, entry, now), ...timesOf(entry) };
    const seconds = Math.floor(now.getTime() / 1000);
    const question = { identity: key.identity, command, now: seconds, marginSeconds, machine: await readMachine() };
    const reason = objection(entry, question) ?? (await changeOf(entry));
    return reason === undefined ? { state: 'valid', entry: shown } : { state: 'unusable', reason, entry: shown };
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
  const text = await readPrivateFile(join(directory, fileName)).catch(() => undefined);
  const entry = parseEntry(text ?? '');
  if (!entry) return { fileName, state: 'foreign' };
  const shown = describe(fileName, entry, now);
  return shown.state === 'valid' && (await changeOf(entry)) !== undefined ? { ...shown, state: 'changed' } : shown;
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

async function changeOf(entry: Entry): Promise<string | undefined> {
  for (const source of entry.sources) if (!(await isUnchanged(source))) return `${source.path} has changed`;
  return undefined;
}

/** Whether a directory or file lets others in; undefined where there is none. */
export async function openToOthers(path: string): Promise<boolean | undefined> {
  const stats = await stat(path).catch(() => undefined);
  return stats && process.platform !== 'win32' ? (stats.mode & 0o077) !== 0 : undefined;
}
