import { closeSync, constants, fstatSync, openSync, type Stats } from 'node:fs';
import { link, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import type { Environment } from '../../host.ts';
import { readToLimitSync } from '../../system/read-file.ts';
import { isOurs } from '../directory/private-file.ts';

/** Names the key file that lies in memory, in an argument and in an {@link EKSAuthConfig}. */
export const DEFAULT_KEY_FILE = '';

/** A longer file is not a key. */
const MAX_BYTES = 4096;
/** The fewest bytes of a key. */
export const KEY_BYTES = 32;

/**
 * The path of a key file. The default one is `ekspress/key` in XDG_RUNTIME_DIR: that folder lies in memory, belongs to one
 * user and is emptied when the machine stops. Undefined where there is no such folder, or the path is relative.
 */
export function keyFilePath(named: string, env: Environment): string | undefined {
  const path = named === DEFAULT_KEY_FILE ? inMemory(env) : named;
  return path !== undefined && isAbsolute(path) ? path : undefined;
}

function inMemory({ XDG_RUNTIME_DIR: folder }: Environment): string | undefined {
  return folder ? join(folder, 'ekspress', 'key') : undefined;
}

/** Why a key file is not used. */
export type KeyProblem = 'absent' | 'not a file of this user' | 'open to other users' | 'too short' | 'unreadable';

/** The bytes of the key, or why the file is not used. Follows no link. Never throws. */
export function readKeyFile(path: string): Uint8Array | KeyProblem {
  // Windows has neither flag.
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  let file: number;
  try {
    file = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? 'absent' : code === 'ELOOP' ? 'not a file of this user' : 'unreadable';
  }
  try {
    const problem = problemOf(fstatSync(file));
    if (problem) return problem;
    const bytes = readToLimitSync(file, MAX_BYTES);
    return bytes === undefined ? 'not a file of this user' : (keyBytes(bytes) ?? 'too short');
  } catch {
    return 'unreadable';
  } finally {
    closeSync(file);
  }
}

function problemOf(stats: Stats): KeyProblem | undefined {
  if (!stats.isFile() || !isOurs(stats) || stats.size > MAX_BYTES) return 'not a file of this user';
  return process.platform !== 'win32' && (stats.mode & 0o077) !== 0 ? 'open to other users' : undefined;
}

/**
 * The bytes of a key, text or not. A line break at the end, as editors and `openssl rand -base64 32` leave one, does not
 * count. Undefined where they are too few.
 */
export function keyBytes(key: string | Uint8Array): Uint8Array | undefined {
  const bytes = typeof key === 'string' ? new TextEncoder().encode(key) : Uint8Array.from(key);
  const broken = bytes.length > KEY_BYTES && bytes.at(-1) === 0x0a;
  const end = broken ? bytes.length - (bytes.at(-2) === 0x0d && bytes.length > KEY_BYTES + 1 ? 2 : 1) : bytes.length;
  return end < KEY_BYTES ? undefined : bytes.subarray(0, end);
}

/**
 * Makes the key file with a random key, unless there is a file. Several processes may do so at once: one key is left, which
 * all of them read. The folder is made, its parents are not: a file system that is not mounted gets no key in its place.
 * @throws the system's error
 */
export async function makeKeyFile(path: string): Promise<void> {
  const { randomBytes } = await import('node:crypto');
  await mkdir(dirname(path), { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  const temporary = `${path}.${randomBytes(8).toString('hex')}`;
  await writeFile(temporary, `${randomBytes(KEY_BYTES).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  try {
    await link(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}
