import { constants } from 'node:fs';
import { copyFile, link, lstat, readlink, rename, rm, symlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { temporaryPath } from './replace-file.ts';

/**
 * Removes a file if it is the one that the caller means. Another file may have replaced it since the caller looked, so the
 * file is first renamed to a unique name and checked there. A file that is not meant is put back, unless there is a new
 * file at its path, which stays.
 * @param isMeant - checks the file at the path that it has been moved to
 * @returns whether the file was meant and has been removed
 * @throws the system's error, ENOENT included
 */
export async function takeAside(path: string, isMeant: (aside: string) => Promise<boolean>): Promise<boolean> {
  const aside = temporaryPath(dirname(path));
  await rename(path, aside);
  try {
    const meant = await isMeant(aside);
    if (!meant) await putBack(aside, path).catch(() => undefined);
    return meant;
  } finally {
    await rm(aside, { force: true });
  }
}

/** Moves the file back. Fails if there is a file at `path`, which a rename would replace. */
async function putBack(aside: string, path: string): Promise<void> {
  // Some systems follow a symbolic link when they make a hard link to it.
  const target = await readlink(aside).catch(() => undefined);
  if (target !== undefined) return symlink(target, path);
  await link(aside, path).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') throw error;
    // The file system has no hard links. A copy of a pipe would wait for its writer.
    if (!(await lstat(aside)).isFile()) throw error;
    return copyFile(aside, path, constants.COPYFILE_EXCL);
  });
}
