import { lstat, readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { TEMPORARY_NAME } from '../system/replace-file.ts';
import { ENTRY_HEAD } from './entry.ts';
import { createPrivateFile, readPrivateFile } from './private-file.ts';
import { STAMPS } from './stamps.ts';

/** Its date is when garbage was collected last. */
export const COLLECTED_MARK = '.collected';
const INTERVAL_MS = 10 * 60_000;

/** At most so many files per folder are looked at in one go, beginning somewhere at random. */
const MAX_FILES = 256;

const MINUTE_MS = 60_000;

/** A kind of file that is garbage some time after its end (its date) or its last use (its ctime). */
interface Litter {
  readonly name: RegExp;
  /** What such a file of ours holds: others may have files of that name. */
  readonly text: RegExp;
  readonly since: 'mtime' | 'ctime';
  readonly keptMs: number;
}

/** What the script of the exec plugin notes, longer than any of it counts: who makes or renews a token, who has asked. */
const NOTES: readonly Litter[] = [
  { name: /\.json\.(busy|renew\d+)$/, text: /^(\d+\n)?$/, since: 'ctime', keptMs: 15 * MINUTE_MS },
  { name: /\.json\.asked[0-7]$/, text: /^(\d+ \d+ .*\n)?$/s, since: 'ctime', keptMs: 15 * MINUTE_MS },
];

const FAILURES: Litter = {
  name: /\.json\.error$/,
  text: /^{"error":"\w+","until":/,
  since: 'mtime',
  keptMs: 5 * MINUTE_MS,
};

const BESIDE_ENTRIES: readonly Litter[] = [
  { name: /\.json$/, text: new RegExp(`^${ENTRY_HEAD}`), since: 'mtime', keptMs: 5 * MINUTE_MS },
  FAILURES,
  { name: TEMPORARY_NAME, text: /^/, since: 'ctime', keptMs: 10 * MINUTE_MS },
  // One that is held is dated every second.
  {
    name: /\.json\.lock$/,
    text: /^[0-9a-f]+ \d+( \S+){3}\n$/,
    since: 'ctime',
    keptMs: 10 * MINUTE_MS,
  },
  ...NOTES,
];

const STAMP_FILES: readonly Litter[] = [
  { name: TEMPORARY_NAME, text: /^/, since: 'ctime', keptMs: 10 * MINUTE_MS },
  // Longer than any entry that refers to it; each use renews the ctime.
  { name: /^\d+[-+=]$/, text: /^$/, since: 'ctime', keptMs: 60 * MINUTE_MS },
];

/**
 * Removes what nobody will read again: expired entries, unused stamps, what killed processes left behind. Only files
 * that are certainly ours; at most every ten minutes, whichever process gets there first.
 */
export async function collectGarbage(directory: string): Promise<void> {
  if (!(await isDue(join(directory, COLLECTED_MARK)))) return;
  await removeFrom(directory, BESIDE_ENTRIES);
  await removeFrom(join(directory, STAMPS), STAMP_FILES);
}

/** Whether this is a note of the exec plugin or a failure that is remembered, and lies beside no entry of this name. */
export async function isNoteOfNone(directory: string, name: string, entries: ReadonlySet<string>): Promise<boolean> {
  const kind = [...NOTES, FAILURES].find((litter) => litter.name.test(name));
  if (!kind || entries.has(name.replace(/\.\w+$/, ''))) return false;
  const held = await readPrivateFile(join(directory, name)).catch(() => undefined);
  return held !== undefined && kind.text.test(held);
}

async function isDue(mark: string): Promise<boolean> {
  const now = Date.now();
  const last = await stat(mark).catch(() => undefined);
  if (last && Math.abs(now - last.mtimeMs) < INTERVAL_MS) return false;
  const seconds = now / 1000;
  await (last ? utimes(mark, seconds, seconds) : createPrivateFile(mark, '', seconds));
  return true;
}

async function removeFrom(folder: string, kinds: readonly Litter[]): Promise<void> {
  const names = await readdir(folder);
  const first = Math.floor(Math.random() * names.length);
  for (const name of [...names.slice(first), ...names.slice(0, first)].slice(0, MAX_FILES)) {
    const kind = kinds.find((litter) => litter.name.test(name));
    const path = join(folder, name);
    // Whoever else collects may have been faster.
    if (kind && (await isGarbage(path, kind).catch(() => false))) await rm(path, { force: true });
  }
}

async function isGarbage(path: string, { text, since, keptMs }: Litter): Promise<boolean> {
  const stats = await lstat(path);
  const age = Date.now() - (since === 'mtime' ? stats.mtimeMs : stats.ctimeMs);
  if (age <= keptMs) return false;
  const held = await readPrivateFile(path);
  return held !== undefined && text.test(held);
}
