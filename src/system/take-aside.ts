import { constants } from 'node:fs';
import { copyFile, link, readlink, rename, rm, symlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { temporaryPath } from './replace-file.ts';

/**
 * Removes a file from its name if it is the one that is meant. It is moved to a name of its own first, where only one
 * process can get it, and looked at there: another file may have been put in its place since the caller looked. That one
 * is put back, unless a third has taken the place meanwhile: that stays.
 * @param isMeant - looks at the file under the name that it has been moved to
 * @returns whether it was the one that is meant, and is gone
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

/** Fails where there is a file: a rename would replace it. */
async function putBack(aside: string, path: string): Promise<void> {
  // Some systems follow a symbolic link when they make a hard one.
  const target = await readlink(aside).catch(() => undefined);
  if (target !== undefined) return symlink(target, path);
  await link(aside, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') throw error;
    // A file system without hard links.
    return copyFile(aside, path, constants.COPYFILE_EXCL);
  });
}
