import { randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { copyAttributes } from './copy-attributes.ts';
import { openFile } from './read-file.ts';

const { O_DIRECTORY = 0, O_NOFOLLOW = 0, O_RDONLY, O_RDWR } = constants;

/** How to replace a file. */
export interface Replacement {
  /** Permission bits. The umask has no effect on them. */
  readonly mode: number;
  /** Default: the user of this process. */
  readonly owner?: Pick<Stats, 'uid' | 'gid'>;
  /** The mtime, in seconds of Unix time. Default: now. */
  readonly mtimeSeconds?: number;
  /** A file whose ACL and extended attributes the new one gets. ENOTSUP where this machine cannot copy them. */
  readonly like?: string | undefined;
  /** Whether the file is synced, which is slow. Default: false, a crash of the machine may leave it empty or cut off. */
  readonly durable?: boolean;
  /** Called just before the rename. With `false` the file stays as it is. */
  readonly stillWanted?: () => Promise<boolean>;
}

/** Matches the names of temporary files. */
export const TEMPORARY_NAME: RegExp = /^\.ekspress-\d+-[0-9a-f]{16}\.tmp$/;

/** A new temporary name in a folder. */
export function temporaryPath(folder: string): string {
  return join(folder, `.ekspress-${process.pid}-${randomBytes(8).toString('hex')}.tmp`);
}

/**
 * Replaces a file atomically: writes it under a temporary name in the same folder and renames that.
 * @returns whether it was replaced, which it is unless `stillWanted` says no
 * @throws the system's error, with the path of the file. The temporary file is removed
 */
export async function replaceFile(path: string, content: string | Buffer, how: Replacement): Promise<boolean> {
  const folder = dirname(path);
  const temporary = temporaryPath(folder);
  try {
    await write(temporary, content, how);
    const wanted = (await how.stillWanted?.()) ?? true;
    if (wanted) await whileBusy(() => rename(temporary, path));
    else await rm(temporary, { force: true });
    if (wanted && how.durable) await syncFolder(folder);
    return wanted;
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error instanceof Error ? Object.assign(error, { path }) : error;
  }
}

async function write(path: string, content: string | Buffer, how: Replacement): Promise<void> {
  const { mode, owner, mtimeSeconds, durable, like } = how;
  if (like !== undefined && !(await copyAttributes(like, path))) {
    throw Object.assign(new Error('attributes cannot be copied here'), { code: 'ENOTSUP' });
  }
  const handle: FileHandle = await (like === undefined ? open(path, 'wx', 0o600) : openFile(path, O_RDWR | O_NOFOLLOW));
  try {
    await handle.writeFile(content);
    if (owner && !isOwner(await handle.stat(), owner)) await handle.chown(owner.uid, owner.gid);
    await handle.chmod(mode);
    if (mtimeSeconds !== undefined) await handle.utimes(mtimeSeconds, mtimeSeconds);
    if (durable) await handle.sync();
  } finally {
    await handle.close();
  }
}

function isOwner(stats: Stats, owner: Pick<Stats, 'uid' | 'gid'>): boolean {
  return stats.uid === owner.uid && stats.gid === owner.gid;
}

/** Syncs a folder, so that a rename in it survives a crash of the machine. Some file systems cannot do that. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, O_RDONLY | O_DIRECTORY).catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

/** How many attempts, and by how many milliseconds the pause grows with each. */
const ATTEMPTS = 10;
const PAUSE_MS = 20;

/**
 * Repeats an operation on a file for about a second, while Windows refuses it because another program (a virus scanner, a
 * reader) has the file open. On other systems the first refusal is final.
 */
export async function whileBusy<T>(work: () => Promise<T>, platform: NodeJS.Platform = process.platform): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (platform !== 'win32' || attempt >= ATTEMPTS || !/^(?:EPERM|EACCES|EBUSY)$/.test(code)) throw error;
      await sleep(PAUSE_MS * attempt);
    }
  }
}
