import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { lstat, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { EKSAuthError } from '../errors.ts';

/** kubectl holds its lock for milliseconds; what holds it longer than this has died. */
const WAIT_MS = 3_000;
const POLL_MS = 25;

export interface KubeconfigLockOptions {
  /** Ends the waiting with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** How long another writer is waited for, in milliseconds. Default 3,000. */
  readonly waitMs?: number | undefined;
}

/**
 * Does the work while holding client-go's lock of every path: `<path>.lock`, which must not exist when it is made. Two
 * names of one file (through a link) are two locks to kubectl.
 * @throws EKSAuthError INVALID_KUBECONFIG where another writer does not let go: who, since when
 */
export async function whileLocked<T>(
  paths: readonly string[],
  work: () => Promise<T>,
  options: KubeconfigLockOptions = {},
): Promise<T> {
  const [path, ...rest] = [...new Set(paths)].sort();
  if (path === undefined) return work();
  const lock = `${path}.lock`;
  const mine = await take(lock, options);
  try {
    return await whileLocked(rest, work, options);
  } finally {
    await release(lock, mine);
  }
}

/** Removes the lock of a manager that was killed while it held it: kubectl would stumble over it for ever. */
export async function removeDiedLock(path: string): Promise<void> {
  const content = await contentOf(`${path}.lock`);
  if (hasDied(content)) await takeAway(`${path}.lock`, content);
}

async function take(lock: string, { signal, waitMs = WAIT_MS }: KubeconfigLockOptions): Promise<string> {
  const mine = `ekspress ${process.pid} ${startOf(process.pid) ?? '-'} ${hostname()} ${randomBytes(8).toString('hex')}`;
  const until = Date.now() + waitMs;
  for (;;) {
    signal?.throwIfAborted();
    if (await create(lock, mine)) return mine;
    const theirs = await contentOf(lock);
    if (hasDied(theirs)) await takeAway(lock, theirs);
    else if (Date.now() >= until) throw await stillLocked(lock, theirs);
    else await sleep(POLL_MS * (0.5 + Math.random()), undefined, signal && { signal });
  }
}

/**
 * A symbolic link that leads nowhere but names its owner: made and filled in one step, so that no kill leaves a lock of
 * nobody's, and in the way of everyone who opens the path with O_EXCL, as kubectl does.
 */
async function create(lock: string, content: string): Promise<boolean> {
  try {
    await symlink(content, lock).catch((error: NodeJS.ErrnoException) => {
      // A file system or a Windows account without symbolic links.
      if (error.code !== 'EPERM' && error.code !== 'ENOSYS' && error.code !== 'ENOTSUP') throw error;
      return writeFile(lock, content, { flag: 'wx', mode: 0o600 });
    });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    throw new EKSAuthError('INVALID_KUBECONFIG', `The lock ${lock} cannot be made (${code}), so nothing was changed.`, {
      remedy: 'Give this user the right to write into that folder, or name another kubeconfig.',
      cause: error,
    });
  }
}

function contentOf(lock: string): Promise<string> {
  return readlink(lock).catch(() => readFile(lock, 'utf8').catch(() => ''));
}

/** Only our own lock: if somebody has removed it and taken another, that one stays. */
async function release(lock: string, mine: string): Promise<void> {
  if ((await contentOf(lock)) === mine) await rm(lock, { force: true });
}

/** Moved aside first, where only one process can get it; a lock that is another one by then is put back. */
async function takeAway(lock: string, content: string): Promise<void> {
  const aside = `${lock}.${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    await rename(lock, aside);
    if ((await contentOf(aside)) !== content) await rename(aside, lock);
    else await rm(aside, { force: true });
  } catch {
    // Another process was faster.
  }
}

/** Whether it is a lock of ours whose process runs no more. Of kubectl's, which is empty, nothing is known. */
function hasDied(content: string): boolean {
  const [, pid, start, host] = /^ekspress (\d+) (\S+) (\S+) [0-9a-f]+\n?$/.exec(content) ?? [];
  if (pid === undefined || host !== hostname()) return false;
  if (start !== '-') return startOf(Number(pid)) !== start;
  try {
    return !process.kill(Number(pid), 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** Boot and start time of a process, since a pid is used again; undefined where there is none, or no /proc. */
function startOf(pid: number): string | undefined {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const ticks = line.slice(line.lastIndexOf(')') + 2).split(' ')[19];
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()}:${ticks}`;
  } catch {
    return undefined;
  }
}

async function stillLocked(lock: string, content: string): Promise<EKSAuthError> {
  const since = await lstat(lock).catch(() => undefined);
  const pid = /^ekspress (\d+) /.exec(content)?.[1];
  const who = pid === undefined ? 'kubectl or another tool' : `ekspress, process ${pid}`;
  const user = since && since.uid !== process.geteuid?.() ? ` of user ${since.uid}` : '';
  const when = since ? `, since ${since.mtime.toISOString()}` : '';
  return new EKSAuthError('INVALID_KUBECONFIG', `The kubeconfig is locked: ${lock} is held by ${who}${user}${when}.`, {
    remedy: `If nothing is writing it any more, remove the lock: rm ${lock}`,
  });
}
