import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isOurs } from './private-file.ts';
import { STAMPS } from './stamps.ts';

const DEFAULT_NAME = 'eks-tokens';
const TAG = 'CACHEDIR.TAG';
/** Backup tools skip a directory with this file (bford.info/cachedir); to us it says that the directory is ours alone. */
const TAG_TEXT = `Signature: 8a477f597d28d172789f06886806bc55
# This directory holds short-lived tokens of ekspress. Everything in it can be deleted at any time.
`;

/** Whether the user that we act as owns the cache directory; elsewhere (under sudo, say) nothing is read or written. */
export async function ownsDirectory(directory: string): Promise<boolean> {
  const stats = await stat(directory);
  return stats.isDirectory() && isOurs(stats);
}

/**
 * Makes the cache directory and its folder of stamps, for us alone.
 * @throws Error if it is not ours, or open to others and not ours to close
 */
export async function prepareDirectory(directory: string): Promise<void> {
  const made = await makeDirectory(directory);
  const stats = await stat(directory);
  if (!stats.isDirectory() || !isOurs(stats)) throw new Error(`${directory} belongs to another user`);
  if (process.platform !== 'win32' && (stats.mode & 0o077) !== 0) await close(directory, stats.mode);
  // One of the default name is ours, also where the exec plugin's script has made it.
  if (made || basename(directory) === DEFAULT_NAME)
    await writeFile(join(directory, TAG), TAG_TEXT, { flag: 'wx', mode: 0o600 }).catch(() => undefined);
  const stamps = join(directory, STAMPS);
  await makeWithParents(stamps);
  if (!isOurs(await stat(stamps))) throw new Error(`${stamps} belongs to another user`);
}

async function makeDirectory(directory: string): Promise<boolean> {
  if (process.geteuid?.() === 0) await refuseAnothersHome(directory);
  return makeWithParents(directory);
}

/**
 * `mkdir -p`, each folder tried twice at most: Node's own never returns where a file system answers ENOENT although
 * the parent is there (as /proc does).
 * @returns whether the directory was made
 */
async function makeWithParents(directory: string): Promise<boolean> {
  const made = await make(directory);
  if (made !== 'no parent') return made;
  await makeWithParents(dirname(directory));
  const second = await make(directory);
  if (second === 'no parent') throw new Error(`${directory} cannot be made`);
  return second;
}

/** Somebody else may make it at the same moment: then it is there, and not made by us. */
async function make(directory: string): Promise<boolean | 'no parent'> {
  try {
    await mkdir(directory, { mode: 0o700 });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code === 'ENOENT' && dirname(directory) !== directory) return 'no parent';
    throw error;
  }
}

/** Root in another user's home (sudo keeps HOME) must not leave folders there that this user cannot write to. */
async function refuseAnothersHome(directory: string): Promise<void> {
  const stats = await stat(directory).catch(() => undefined);
  if (stats === undefined) {
    const parent = dirname(directory);
    if (parent !== directory) await refuseAnothersHome(parent);
  } else if (!isOurs(stats)) {
    throw new Error(`${directory} belongs to another user`);
  }
}

/** Shuts others out, but only from a directory that holds nothing but the cache: never from a home or /tmp. */
async function close(directory: string, mode: number): Promise<void> {
  const tag = await readFile(join(directory, TAG), 'latin1').catch(() => '');
  if (basename(directory) === DEFAULT_NAME || tag === TAG_TEXT) await chmod(directory, 0o700);
  else if ((mode & 0o022) !== 0) throw new Error(`${directory} can be written by other users`);
}
