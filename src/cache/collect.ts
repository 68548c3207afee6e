import { lstat, readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { ENTRY_HEAD } from './entry.ts';
import { parseOwner } from './lock-owner.ts';
import { createPrivateFile, readPrivateFile, TEMPORARY_NAME } from './private-file.ts';
import { STAMPS } from './stamps.ts';

/** A lock, or one that was moved aside. */
const LOCK_NAME = /\.json\.lock(\.\d+-[0-9a-f]{16})?$/;
const MARK = '.collected';
const INTERVAL_MS = 10 * 60_000;

/** At most so many files per folder are looked at in one go, beginning somewhere at random. */
const MAX_FILES = 256;

/** An entry is dated at its end, so this is how long it is kept beyond. */
const ENTRY_GRACE_MS = 5 * 60_000;
/** Longer than any entry that may refer to a stamp; each use renews a stamp's ctime. */
const STAMP_LIFE_MS = 60 * 60_000;
/** Longer than any write takes, and than a lock stays undated. */
const TEMPORARY_LIFE_MS = 10 * 60_000;

/**
 * Removes what nobody will read again: expired entries, unused stamps, temporary files of writers that were killed.
 * Only files that are certainly ours; at most every ten minutes, whichever process gets there first.
 */
export async function collectGarbage(directory: string): Promise<void> {
  if (!(await isDue(join(directory, MARK)))) return;
  await removeFrom(directory, async (name, path) => {
    if (TEMPORARY_NAME.test(name)) return (await sinceChange(path)) > TEMPORARY_LIFE_MS;
    if (LOCK_NAME.test(name)) return (await sinceChange(path)) > TEMPORARY_LIFE_MS && (await isLock(path));
    if (!name.endsWith('.json') || Date.now() - (await lstat(path)).mtimeMs < ENTRY_GRACE_MS) return false;
    return (await readPrivateFile(path))?.startsWith(ENTRY_HEAD) ?? false;
  });
  await removeFrom(join(directory, STAMPS), async (name, path) => {
    if (TEMPORARY_NAME.test(name)) return (await sinceChange(path)) > TEMPORARY_LIFE_MS;
    return /^\d+[-+]$/.test(name) && (await sinceChange(path)) > STAMP_LIFE_MS;
  });
}

async function isDue(mark: string): Promise<boolean> {
  const now = Date.now();
  const last = await stat(mark).catch(() => undefined);
  if (last && Math.abs(now - last.mtimeMs) < INTERVAL_MS) return false;
  const seconds = now / 1000;
  await (last ? utimes(mark, seconds, seconds) : createPrivateFile(mark, '', seconds));
  return true;
}

async function removeFrom(folder: string, isGarbage: (name: string, path: string) => Promise<boolean>): Promise<void> {
  const names = await readdir(folder);
  const first = Math.floor(Math.random() * names.length);
  for (const name of [...names.slice(first), ...names.slice(0, first)].slice(0, MAX_FILES)) {
    const path = join(folder, name);
    // Whoever else collects may have been faster.
    if (await isGarbage(name, path).catch(() => false)) await rm(path, { force: true });
  }
}

/** A holder that lives dates its lock every second. */
async function isLock(path: string): Promise<boolean> {
  return parseOwner((await readPrivateFile(path)) ?? '') !== undefined;
}

async function sinceChange(path: string): Promise<number> {
  return Date.now() - (await lstat(path)).ctimeMs;
}
