import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a replaced file looks like, and what has to hold before it is replaced. */
export interface Replacement {
  /** Permission bits, whatever the umask says. */
  readonly mode: number;
  /** Default: whoever writes. */
  readonly owner?: Pick<Stats, 'uid' | 'gid'>;
  /** The mtime, in seconds of Unix time. Default: now. */
  readonly mtimeSeconds?: number;
  /** Whether content and name survive a crash of the machine: slow. Default: false, the file may be empty or cut then. */
  readonly durable?: boolean;
  /** Asked when all is written: with `false` the file stays as it is. */
  readonly stillWanted?: () => Promise<boolean>;
}

/** The names of files on their way to their own name. */
export const TEMPORARY_NAME: RegExp = /^\.ekspress-\d+-[0-9a-f]{16}\.tmp$/;

/** A new one of these names. */
export function temporaryPath(folder: string): string {
  return join(folder, `.ekspress-${process.pid}-${randomBytes(8).toString('hex')}.tmp`);
}

/**
 * Puts a file in its place whole or not at all: it is written under another name in the same folder, then renamed.
 * @returns whether it is there: `false` only where it was not wanted any more
 * @throws the system's error, with the path of the file; nothing is left behind
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
  const { mode, owner, mtimeSeconds, durable } = how;
  const handle: FileHandle = await open(path, 'wx', 0o600);
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

/** So that the new name outlives a crash of the machine; some file systems do not know how. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

/** How often, and after how many milliseconds more each time. */
const ATTEMPTS = 10;
const PAUSE_MS = 20;

/**
 * Does something to a file again, for about a second, while Windows refuses it because another program has the file
 * open: a virus scanner, or a reader at that moment. Elsewhere the first refusal is final.
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
