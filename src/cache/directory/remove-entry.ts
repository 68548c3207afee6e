import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** The endings of the files beside an entry. Locks are not among them: a process may hold one. */
export const BESIDE: RegExp = /\.(error|meta|busy|renew\d*|asked[0-7])$/;

/** Removes an entry and the files beside it, whatever is in them: one sealed entry takes their place. @throws the system's error */
export async function removeEntry(directory: string, fileName: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (name.replace(BESIDE, '') === fileName) await rm(join(directory, name), { force: true });
  }
}
