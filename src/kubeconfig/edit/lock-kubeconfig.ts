import { randomBytes } from 'node:crypto';
import { lstat, readlink, symlink, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { EKSAuthError } from '../../errors.ts';
import { formatProcessID, hasEnded, parseProcessID, thisProcess } from '../../system/process-id.ts';
import { readText } from '../../system/read-file.ts';
import { whileBusy } from '../../system/replace-file.ts';
import { takeAside } from '../../system/take-aside.ts';
import { shellCommand } from '../../text/shell-command.ts';

/** kubectl holds its lock for milliseconds. A lock that stays longer than this was left by a killed process. */
const WAIT_MS = 3_000;
const POLL_MS = 25;

export interface KubeconfigLockOptions {
  /** Aborts the waiting. The call then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** How long to wait for another writer, in milliseconds. Default 3,000. */
  readonly waitMs?: number | undefined;
}

/**
 * Does the work while holding client-go's lock, `<path>.lock`. This is not the lock of cache/directory/lock.ts, because
 * it must work with kubectl. kubectl makes the file if it does not exist, never touches it while it holds the lock, and
 * never takes over a lock. For kubectl, two names of one file (through a link) are two locks.
 * @throws EKSAuthError INVALID_KUBECONFIG if another writer keeps the lock; it names that writer and since when
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

/**
 * Removes a lock of an ekspress process that was killed while it held the lock. kubectl would wait for that lock for
 * ever.
 */
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
 * Makes the lock as a symbolic link whose target is the text of its owner. A link is made and filled in one step, so a
 * kill never leaves a lock without an owner. It also stops programs that open the path with O_EXCL, as kubectl does. On
 * Windows the lock is a file: few accounts may make links there, and a program that makes a file follows a link to nothing.
 */
async function create(lock: string, content: string): Promise<boolean> {
  const makeFile = (): Promise<void> => writeFile(lock, content, { flag: 'wx', mode: 0o600 });
  try {
    if (process.platform === 'win32') await whileBusy(makeFile);
    else
      await symlink(content, lock).catch((error: NodeJS.ErrnoException) => {
        // A file system without symbolic links. Each has an error of its own.
        if (error.code === 'EEXIST') throw error;
        return makeFile();
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
  return readlink(lock).catch(() => readText(lock).catch(() => ''));
}

/** Removes the lock if it has that content. A newer lock stays. */
async function takeAway(lock: string, content: string): Promise<void> {
  // This fails if another process was faster.
  await takeAside(lock, async (aside) => (await contentOf(aside)) === content).catch(() => false);
}

/** Whether this is a lock of an ekspress process that has ended. kubectl's lock is empty and tells nothing. */
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
    remedy: `If no program is writing it, remove the lock: \`${shellCommand('removeFile', lock)}\`.`,
  });
}
