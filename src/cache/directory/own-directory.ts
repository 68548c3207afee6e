import { chmod, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeFolder } from '../../system/make-folder.ts';
import { readText } from '../../system/read-file.ts';
import { isOurs } from './private-file.ts';
import { STAMPS } from './stamps.ts';

const DEFAULT_NAME = 'eks-tokens';
const TAG = 'CACHEDIR.TAG';
/** Backup tools skip a directory with this file (bford.info/cachedir). To ekspress it marks a directory as its own. */
const TAG_TEXT = `Signature: 8a477f597d28d172789f06886806bc55
# This directory holds short-lived tokens of ekspress. Everything in it can be deleted at any time.
`;

/** Whether the effective user owns the cache directory. If not (under sudo, for example), nothing is read or written. */
export async function ownsDirectory(directory: string): Promise<boolean> {
  const stats = await stat(directory);
  return stats.isDirectory() && isOurs(stats);
}

/**
 * Makes the cache directory and its folder of stamps, with access for the user only.
 * @throws Error if the directory belongs to another user, or if others may write to it
 */
export async function prepareDirectory(directory: string): Promise<void> {
  const made = await makeDirectory(directory);
  const stats = await stat(directory);
  if (!stats.isDirectory() || !isOurs(stats)) throw new Error(`${directory} belongs to another user`);
  if (process.platform !== 'win32' && (stats.mode & 0o077) !== 0) await close(directory, stats.mode);
  // A directory of the default name belongs to ekspress, also if the exec plugin's script has made it.
  if (made || basename(directory) === DEFAULT_NAME)
    await writeFile(join(directory, TAG), TAG_TEXT, { flag: 'wx', mode: 0o600 }).catch(() => undefined);
  const stamps = join(directory, STAMPS);
  await makeFolder(stamps);
  if (!isOurs(await stat(stamps))) throw new Error(`${stamps} belongs to another user`);
}

async function makeDirectory(directory: string): Promise<boolean> {
  if (process.geteuid?.() === 0) await refuseAnothersHome(directory);
  return makeFolder(directory);
}

/** Root in another user's home (sudo keeps HOME) must not make folders there: that user could not write to them. */
async function refuseAnothersHome(directory: string): Promise<void> {
  const stats = await stat(directory).catch(() => undefined);
  if (stats === undefined) {
    const parent = dirname(directory);
    if (parent !== directory) await refuseAnothersHome(parent);
  } else if (!isOurs(stats)) {
    throw new Error(`${directory} belongs to another user`);
  }
}

/** Removes the access of others, but only from a directory that is certainly the cache's, never from a home or /tmp. */
async function close(directory: string, mode: number): Promise<void> {
  const tag = await readText(join(directory, TAG)).catch(() => '');
  if (basename(directory) === DEFAULT_NAME || tag === TAG_TEXT) await chmod(directory, 0o700);
  else if ((mode & 0o022) !== 0) throw new Error(`${directory} can be written by other users`);
}
