import type { Stats } from 'node:fs';
import { lstat, readdir, realpath, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EKSAuthError } from '../../errors.ts';
import { readBytes } from '../../system/read-file.ts';
import { replaceFile, TEMPORARY_NAME } from '../../system/replace-file.ts';
import { refusedWrite } from '../../text/refused-write.ts';
import { shellCommand } from '../../text/shell-command.ts';

/** A file as it was read. It is replaced only if it has not changed since. */
export interface FoundFile {
  /** The real path of the file. */
  readonly path: string;
  readonly stats: Stats;
  readonly bytes: Buffer;
}

/** In milliseconds, longer than any write takes. An older temporary file was left by a killed process. */
const LEFT_BEHIND_MS = 10 * 60_000;

/**
 * Finds the real file of a path and checks that it can be replaced.
 * @throws EKSAuthError INVALID_KUBECONFIG for a file that is write-protected or has several hard links
 */
export async function findWritable(path: string): Promise<FoundFile> {
  try {
    // What `<` names was opened for reading.
    const isInput = path === '/dev/stdin';
    if (isInput || (await stat(path)).isFIFO()) {
      const what = isInput ? 'the standard input' : 'a pipe';
      throw refused(`${path} is ${what}, which cannot be edited.`, 'Write its text to a file, and name that file.');
    }
    const real = await realpath(path);
    const stats = await stat(real);
    if (stats.isFile() && (stats.mode & 0o222) === 0) {
      const mode = (stats.mode & 0o777).toString(8).padStart(4, '0');
      throw refused(
        `${real} is write-protected (mode ${mode}).`,
        `If it may be changed: \`${shellCommand('allowWriting', real)}\`.`,
      );
    }
    if (stats.isFile() && stats.nlink > 1) {
      const message = `${real} has ${stats.nlink} names (hard links). The other names would keep the old content.`;
      throw refused(message, 'Turn the other names into symbolic links.');
    }
    return { path: real, stats, bytes: stats.isFile() ? await readBytes(real) : Buffer.alloc(0) };
  } catch (error) {
    if (error instanceof EKSAuthError) throw error;
    throw unreadable(path, error);
  }
}

/**
 * Replaces a file atomically. The new file has the same mode, owner and extended attributes. A file with rights of a
 * group, an ACL (which shows as rights of the group), another owner, a foreign group or a mount of its own would lose
 * them, so it is written in place.
 * @returns false if another program has changed the file meanwhile; then nothing was done
 * @throws EKSAuthError INVALID_KUBECONFIG if the system refuses; then the file has not been changed
 */
export async function replaceFound(
  found: FoundFile,
  text: string,
  inPlace: (text: string) => Promise<void>,
): Promise<boolean> {
  const { path, stats } = found;
  try {
    await removeLeftBehind(dirname(path)).catch(() => undefined);
    const stillWanted = (): Promise<boolean> => isUnchanged(found);
    if (!hasProtection(stats)) {
      const like = process.platform === 'win32' ? undefined : path;
      const replacement = { mode: stats.mode & 0o7777, owner: stats, like, durable: true, stillWanted };
      const replaced = await replaceFile(path, text, replacement).catch((error: NodeJS.ErrnoException) => {
        // The file is a mount of its own, the folder or the owner does not permit the rename, or the attributes cannot
        // be copied.
        if (!/^(?:EBUSY|EPERM|EACCES|EXDEV|ENOTSUP)$/.test(error.code ?? '')) throw error;
        return undefined;
      });
      if (replaced !== undefined) return replaced;
    }
    if (!(await stillWanted())) return false;
    await inPlace(text);
    return true;
  } catch (error) {
    if (error instanceof EKSAuthError) throw error;
    throw unwritable(path, error);
  }
}

/** Whether a new file at this path could lose the settings that decide who may read it. */
function hasProtection({ mode, uid, gid }: Stats): boolean {
  if (process.getgroups === undefined) return false;
  const groups = [process.getegid?.(), ...process.getgroups()];
  return (mode & 0o070) !== 0 || uid !== process.geteuid?.() || !groups.includes(gid);
}

async function isUnchanged({ path, stats, bytes }: FoundFile): Promise<boolean> {
  const now = await stat(path);
  const same = now.ino === stats.ino && now.mtimeMs === stats.mtimeMs && now.size === stats.size;
  return same && bytes.equals(await readBytes(path));
}

async function removeLeftBehind(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!TEMPORARY_NAME.test(name)) continue;
    const path = join(folder, name);
    const stats = await lstat(path).catch(() => undefined);
    if (stats && Date.now() - stats.mtimeMs > LEFT_BEHIND_MS) await rm(path, { force: true });
  }
}

function unreadable(path: string, cause: unknown): EKSAuthError {
  const reason =
    (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'it does not exist' : refusedWrite(cause, path).reason;
  return new EKSAuthError('INVALID_KUBECONFIG', `${path} cannot be read: ${reason}. Nothing was changed.`, {
    remedy: `See \`${shellCommand('seeRightsOfFolder', dirname(path), path)}\`, or name another file with --kubeconfig.`,
    cause,
  });
}

function unwritable(path: string, cause: unknown): EKSAuthError {
  const { reason, remedy } = refusedWrite(cause, path, 'name another file with --kubeconfig');
  const message = `${path} cannot be replaced: ${reason}. Nothing was changed.`;
  return new EKSAuthError('INVALID_KUBECONFIG', message, { remedy, cause });
}

function refused(message: string, remedy: string): EKSAuthError {
  return new EKSAuthError('INVALID_KUBECONFIG', `${message} Nothing was changed.`, { remedy });
}
