import { randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MAX_ENTRY_BYTES } from './rules.ts';

/** Names of files on their way to their own name. */
export const TEMPORARY_NAME = /^\.ekspress-\d+-[0-9a-f]{16}\.tmp$/;

/** A new one of these names. */
export function temporaryPath(directory: string): string {
  return join(directory, `.ekspress-${process.pid}-${randomBytes(8).toString('hex')}.tmp`);
}

/** Whether the file belongs to the user that we act as. Where there are no such users (Windows): yes. */
export function isOurs(stats: Pick<Stats, 'uid'>): boolean {
  const user = process.geteuid?.();
  return user === undefined || stats.uid === user;
}

/**
 * The text of a regular file of ours, one character per byte; undefined if there is nothing that we would trust under
 * this name: a link, another user's file, a pipe, something huge.
 * @throws the system's error, ENOENT included
 */
export async function readPrivateFile(path: string): Promise<string | undefined> {
  let handle: FileHandle;
  try {
    // Windows knows neither flag. Non-blocking: opening a planted pipe must not wait for its writer.
    const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
    handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOOP') return undefined;
    throw error;
  }
  try {
    const stats = await handle.stat();
    if (!stats.isFile() || !isOurs(stats) || stats.size > MAX_ENTRY_BYTES) return undefined;
    return await handle.readFile('latin1');
  } finally {
    await handle.close();
  }
}

/**
 * Puts a file in place whole or not at all: written and dated under another name in the same folder, then renamed.
 * It is not synced: after a crash of the machine the file may be empty or cut off, which every reader takes for absent.
 * @param seconds - its mtime in Unix time
 * @throws the system's error; nothing is left behind
 */
export async function createPrivateFile(path: string, text: string, seconds: number): Promise<void> {
  const temporary = temporaryPath(dirname(path));
  const handle = await open(temporary, 'wx', 0o600);
  try {
    try {
      await handle.writeFile(text, 'latin1');
      await handle.chmod(0o600);
      await handle.utimes(seconds, seconds);
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
