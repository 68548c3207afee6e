import { randomBytes } from 'node:crypto';
import { lstat, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { EKSAuthError } from '../../errors.ts';
import { formatProcessID, hasEnded, parseProcessID, thisProcess } from '../../system/process-id.ts';
import { takeAside } from '../../system/take-aside.ts';
import { shellWord } from '../../text/shell-word.ts';

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
 * names of one file (through a link) are two locks to kubectl. That is why this lock is not the one of cache/lock.ts:
 * kubectl waits for the name to be free and neither dates its lock nor takes another's.
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
    if ((await contentOf(lock)) === mine) await takeAway(lock, mine);
  }
}

/** Removes the lock of a manager that was killed while it held it: kubectl would stumble over it for ever. */
export async function removeDiedLock(path: string): Promise<void> {
  const content = await contentOf(`${path}.lock`);
  if (hasDied(content)) await takeAway(`${path}.lock`, content);
}

async function take(lock: string, { signal, waitMs = WAIT_MS }: KubeconfigLockOptions): Promise<string> {
  const mine = `ekspress ${formatProcessID(thisProcess())} ${randomBytes(8).toString('hex')}`;
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

/** Removes the lock with that content: if another has taken its place, that one stays. */
async function takeAway(lock: string, content: string): Promise<void> {
  // It fails where another process was faster.
  await takeAside(lock, async (aside) => (await contentOf(aside)) === content).catch(() => false);
}

/** Whether it is a lock of ours whose process runs no more. Of kubectl's, which is empty, nothing is known. */
function hasDied(content: string): boolean {
  const holder = parseProcessID(/^ekspress (.+) [0-9a-f]+\n?$/.exec(content)?.[1] ?? '');
  return holder !== undefined && hasEnded(holder);
}

async function stillLocked(lock: string, content: string): Promise<EKSAuthError> {
  const since = await lstat(lock).catch(() => undefined);
  const pid = /^ekspress (\d+) /.exec(content)?.[1];
  const who = pid === undefined ? 'kubectl or another tool' : `ekspress, process ${pid}`;
  const user = since && since.uid !== process.geteuid?.() ? ` of user ${since.uid}` : '';
  const when = since ? `, since ${since.mtime.toISOString()}` : '';
  return new EKSAuthError('INVALID_KUBECONFIG', `The kubeconfig is locked: ${lock} is held by ${who}${user}${when}.`, {
    remedy: `If nothing is writing it any more, remove the lock: rm ${shellWord(lock)}`,
  });
}
