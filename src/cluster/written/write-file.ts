import type { Stats } from 'node:fs';
import { lstat, open, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { EKSAuthError } from '../../errors.ts';
import { replaceFile } from '../../system/replace-file.ts';
import { refusedWrite } from '../../text/refused-write.ts';

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

function failed(path: string, cause: unknown): EKSAuthError {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'EEXIST') {
    return new EKSAuthError('INVALID_CONFIG', `${path} exists already.`, {
      remedy: 'Pass { replace: true } to replace it, or name another file.',
      cause,
    });
  }
  const { reason, remedy } = refusedWrite(cause, path, 'name a file in another folder');
  return new EKSAuthError('INVALID_CONFIG', `${path} cannot be written: ${reason}.`, { remedy, cause });
}

function notAFile(path: string): EKSAuthError {
  return new EKSAuthError('INVALID_CONFIG', `${path} is not a regular file, so it is not replaced.`, {
    remedy: 'Name another file: no link is followed.',
  });
}
