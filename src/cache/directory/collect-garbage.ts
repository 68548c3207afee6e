import { lstat, readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { TEMPORARY_NAME } from '../../system/replace-file.ts';
import { ENTRY_HEAD } from '../entry/entry.ts';
import { SEALED_HEAD, SEALED_NAME } from '../rules.ts';
import { createPrivateFile, readPrivateFile } from './private-file.ts';
import { STAMPS } from './stamps.ts';

/** An empty file. Its date is the time of the last collection. */
export const COLLECTED_MARK = '.collected';
const INTERVAL_MS = 10 * 60_000;

/** One collection looks at no more than this many files per folder, starting at a random one. */
const MAX_FILES = 256;

const MINUTE_MS = 60_000;

/** A kind of file that becomes garbage some time after its end (its mtime) or its last use (its ctime). */
interface LeftoverKind {
  readonly name: RegExp;
  /** What our files of this kind contain. Other tools may have files of the same name. */
  readonly text: RegExp;
  readonly since: 'mtime' | 'ctime';
  readonly keptMs: number;
}

/**
 * Notes of the exec plugin's script: which process makes or renews a token, and which process has asked for one. They
 * are kept longer than they are needed.
 */
const NOTES: readonly LeftoverKind[] = [
  { name: /\.json\.(busy|renew\d+)$/, text: /^(\d+\n)?$/, since: 'ctime', keptMs: 15 * MINUTE_MS },
  { name: /\.json\.asked[0-7]$/, text: /^(\d+ (?:\d+|-) \d+ .*\n)?$/s, since: 'ctime', keptMs: 15 * MINUTE_MS },
];

const SEALED = new RegExp(`^${SEALED_HEAD}`);

/** What Node keeps beside a sealed entry, sealed as the entry is. */
const SEALED_NOTES: readonly LeftoverKind[] = [
  { name: /\.sealed\.(asked[0-7]|renew\d+)$/, text: SEALED, since: 'ctime', keptMs: 15 * MINUTE_MS },
  { name: /\.sealed\.error$/, text: SEALED, since: 'mtime', keptMs: 5 * MINUTE_MS },
];

const FAILURES: LeftoverKind = {
  name: /\.json\.error$/,
  text: /^{"error":"\w+","until":/,
  since: 'mtime',
  keptMs: 5 * MINUTE_MS,
};

const BESIDE_ENTRIES: readonly LeftoverKind[] = [
  { name: /\.json$/, text: new RegExp(`^${ENTRY_HEAD}`), since: 'mtime', keptMs: 5 * MINUTE_MS },
  { name: SEALED_NAME, text: SEALED, since: 'mtime', keptMs: 5 * MINUTE_MS },
  FAILURES,
  { name: TEMPORARY_NAME, text: /^/, since: 'ctime', keptMs: 10 * MINUTE_MS },
  // The holder of a lock touches it every second.
  {
    name: /\.(json|sealed)\.lock$/,
    text: /^[0-9a-f]+ \d+( \S+){3}\n$/,
    since: 'ctime',
    keptMs: 10 * MINUTE_MS,
  },
  ...NOTES,
  ...SEALED_NOTES,
];

const STAMP_FILES: readonly LeftoverKind[] = [
  { name: TEMPORARY_NAME, text: /^/, since: 'ctime', keptMs: 10 * MINUTE_MS },
  // Kept longer than any entry that refers to the stamp. Each use renews the ctime.
  { name: /^\d+[-+=]$/, text: /^$/, since: 'ctime', keptMs: 60 * MINUTE_MS },
];

/**
 * Removes expired entries, unused stamps and the temporary files of killed processes. Only files that are certainly ours
 * are removed. All processes together collect once in ten minutes.
 */
export async function collectGarbage(directory: string): Promise<void> {
  if (!(await isDue(join(directory, COLLECTED_MARK)))) return;
  await removeFrom(directory, BESIDE_ENTRIES);
  await removeFrom(join(directory, STAMPS), STAMP_FILES);
}

/** Whether the file is a note of the exec plugin or a remembered failure whose entry is not among `entries`. */
export async function isOrphanedNote(directory: string, name: string, entries: ReadonlySet<string>): Promise<boolean> {
  const kind = [...NOTES, ...SEALED_NOTES, FAILURES].find((known) => known.name.test(name));
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

async function removeFrom(folder: string, kinds: readonly LeftoverKind[]): Promise<void> {
  const names = await readdir(folder);
  const first = Math.floor(Math.random() * names.length);
  for (const name of [...names.slice(first), ...names.slice(0, first)].slice(0, MAX_FILES)) {
    const kind = kinds.find((known) => known.name.test(name));
    const path = join(folder, name);
    // Another process that collects at the same time may already have removed the file.
    if (kind && (await isGarbage(path, kind).catch(() => false))) await rm(path, { force: true });
  }
}

async function isGarbage(path: string, { text, since, keptMs }: LeftoverKind): Promise<boolean> {
  const stats = await lstat(path);
  const age = Date.now() - (since === 'mtime' ? stats.mtimeMs : stats.ctimeMs);
  if (age <= keptMs) return false;
  const held = await readPrivateFile(path);
  return held !== undefined && text.test(held);
}
