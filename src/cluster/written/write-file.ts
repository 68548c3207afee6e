import type { Stats } from 'node:fs';
import { lstat, open, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { EKSAuthError } from '../../errors.ts';
import { replaceFile } from '../../system/replace-file.ts';
import { shellCommand } from '../../text/shell-command.ts';

/** Readable by its owner alone, whatever the umask is. */
const MODE = 0o600;

/**
 * Writes a private file.
 * @param replace whether it may take the place of a regular file
 * @returns its absolute path
 * @throws EKSAuthError INVALID_CONFIG for a file that exists, for a link, and where the system refuses
 */
export async function writePrivateFile(path: string, text: string, replace: boolean): Promise<string> {
  const absolute = resolve(path);
  try {
    if (!replace) await makeFile(absolute, text);
    else {
      const refuse = (stats: Stats): boolean => !stats.isFile();
      if (await lstat(absolute).then(refuse, () => false)) throw notAFile(absolute);
      await replaceFile(absolute, text, { mode: MODE });
    }
    return absolute;
  } catch (error) {
    throw error instanceof EKSAuthError ? error : failed(absolute, error);
  }
}

/** Makes a file that does not exist. With `wx` (O_EXCL) the system follows no link. */
async function makeFile(path: string, text: string): Promise<void> {
  const handle = await open(path, 'wx', MODE);
  try {
    await handle.chmod(MODE);
    await handle.writeFile(text);
  } catch (error) {
    await rm(path, { force: true }).catch(() => undefined);
    throw error;
  } finally {
    await handle.close();
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'the system does not permit it',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota is used up',
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'a part of the path is not a folder',
};

function failed(path: string, cause: unknown): EKSAuthError {
  const { code = 'unknown error' } = cause as NodeJS.ErrnoException;
  if (code === 'EEXIST') {
    return new EKSAuthError('INVALID_CONFIG', `${path} exists already.`, {
      remedy: 'Pass { replace: true } to replace it, or name another file.',
      cause,
    });
  }
  return new EKSAuthError('INVALID_CONFIG', `${path} cannot be written: ${REASONS[code] ?? code}.`, {
    remedy: `Name a file in a folder that this user may write to; see \`${shellCommand('seeRightsOfFolder', dirname(path))}\`.`,
    cause,
  });
}

function notAFile(path: string): EKSAuthError {
  return new EKSAuthError('INVALID_CONFIG', `${path} is not a regular file, so it is not replaced.`, {
    remedy: 'Name another file: no link is followed.',
  });
}
