import { closeSync, constants, fstatSync, openSync, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { readToLimit, readToLimitSync } from '../../system/read-file.ts';
import { replaceFile } from '../../system/replace-file.ts';
import { MAX_ENTRY_BYTES } from '../rules.ts';

/** Whether the file belongs to the effective user. On Windows, which has no user ids: yes. */
export function isOurs(stats: Pick<Stats, 'uid'>): boolean {
  const user = process.geteuid?.();
  return user === undefined || stats.uid === user;
}

/**
 * The text of a regular file of the user, one character per byte. Undefined for anything that is not trusted: a link,
 * another user's file, a pipe, a huge file.
 * @throws the system's error, ENOENT included
 */
export async function readPrivateFile(path: string): Promise<string | undefined> {
  let handle: FileHandle;
  try {
    // Windows has neither flag. O_NONBLOCK: the opening of a planted pipe must not wait for its writer.
    const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
    handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOOP') return undefined;
    throw error;
  }
  try {
    const stats = await handle.stat();
    return isTrusted(stats) ? (await readToLimit(handle, MAX_ENTRY_BYTES))?.toString('latin1') : undefined;
  } finally {
    await handle.close();
  }
}

/** {@link readPrivateFile} for a process that does nothing else meanwhile. */
export function readPrivateFileSync(path: string): string | undefined {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  const file = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    return isTrusted(fstatSync(file)) ? readToLimitSync(file, MAX_ENTRY_BYTES)?.toString('latin1') : undefined;
  } finally {
    closeSync(file);
  }
}

function isTrusted(stats: Stats): boolean {
  return stats.isFile() && isOurs(stats) && stats.size <= MAX_ENTRY_BYTES;
}

/**
 * Replaces a file atomically. It is not synced: after a crash of the machine the file may be empty or cut off, which
 * every reader treats as absent.
 * @param text - one character per byte
 * @param seconds - the mtime of the file in Unix time
 * @throws the system's error; nothing is left behind
 */
export async function createPrivateFile(path: string, text: string, seconds: number): Promise<void> {
  await replaceFile(path, Buffer.from(text, 'latin1'), { mode: 0o600, mtimeSeconds: seconds });
}
