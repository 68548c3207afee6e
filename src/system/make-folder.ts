import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it, for this user alone: `mkdir -p`, with at most two attempts per folder. Node's own
 * `mkdir` never returns on a file system that answers ENOENT although the parent exists (as /proc does), and says ENOENT of one that
 * is read-only.
 * @returns whether the folder was made
 * @throws the system's error
 */
export async function makeFolder(folder: string): Promise<boolean> {
  const made = await make(folder);
  if (made !== 'no parent') return made;
  await makeFolder(dirname(folder));
  const second = await make(folder);
  if (second === 'no parent') throw new Error(`${folder} cannot be made`);
  return second;
}

/** Makes one folder. `false`: it exists already, also if another process made it at the same moment. */
async function make(folder: string): Promise<boolean | 'no parent'> {
  try {
    await mkdir(folder, { mode: 0o700 });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code === 'ENOENT' && dirname(folder) !== folder) return 'no parent';
    throw error;
  }
}
