import { randomBytes } from 'node:crypto';
import { type FileHandle, link, open, rename, rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatOwner, isGone, parseOwner, thisProcess } from './lock-owner.ts';
import { readPrivateFile } from './private-file.ts';

/** How long another process is waited for, in milliseconds. */
const WAIT_MS = 10_000;
/** How often a waiter looks again. */
const POLL_MS = 30;
/** A holder dates its lock so often … */
const HEARTBEAT_MS = 1_000;
/** … and one that has not for so long is stopped, swapped out or gone: somebody else may have the lock. */
const STALE_MS = 5_000;

/** Something that one process at a time does for all. */
export interface ExclusiveWork<T> {
  /** What another process has done meanwhile, or undefined; asked before the work, and again while waiting. */
  readonly done: () => Promise<T | undefined>;
  readonly work: () => Promise<T>;
  /** How long another process is waited for, in milliseconds; then the work is done all the same. Default 10,000. */
  readonly waitMs?: number;
  /** Ends the waiting with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Does the work under a lock file, unless another process has done it. The lock keeps many from doing the same at
 * once; it is never what makes them right. So any trouble with it means going on alone: a disk that is full or
 * read-only, a holder that hangs.
 * @param path - of the lock: a file of its own, never the one that is written
 */
export async function exclusively<T>(path: string, options: ExclusiveWork<T>): Promise<T> {
  const { done, work, signal } = options;
  const until = Date.now() + (options.waitMs ?? WAIT_MS);
  for (;;) {
    const lock = await acquire(path);
    if (lock === 'trouble') return work();
    if (lock !== 'taken') {
      try {
        return (await done()) ?? (await work());
      } finally {
        await lock.release();
      }
    }
    const theirs = await done();
    if (theirs !== undefined) return theirs;
    if (Date.now() >= until) return work();
    if ((await isStale(path)) && (await moveAway(path, isStale))) continue;
    // Jittered: a hundred waiters are not to look at the same moment.
    await sleep(POLL_MS * (0.5 + Math.random()), undefined, signal && { signal });
  }
}

interface HeldLock {
  release(): Promise<void>;
}

async function acquire(path: string): Promise<HeldLock | 'taken' | 'trouble'> {
  const owner = thisProcess(randomBytes(8).toString('hex'));
  let handle: FileHandle;
  try {
    handle = await open(path, 'wx', 0o600);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EEXIST' ? 'taken' : 'trouble';
  }
  try {
    await handle.writeFile(formatOwner(owner));
  } catch {
    await handle.close();
    await rm(path, { force: true });
    return 'trouble';
  }
  // Through the handle: under that name another process's lock may lie by now.
  const heartbeat = setInterval(() => {
    const now = Date.now() / 1000;
    handle.utimes(now, now).catch(() => undefined);
  }, HEARTBEAT_MS).unref();
  return {
    async release() {
      clearInterval(heartbeat);
      await handle.close().catch(() => undefined);
      await moveAway(path, async (aside) => (await ownerOf(aside))?.nonce === owner.nonce);
    },
  };
}

/** Whether its holder is gone for certain, or has given no sign of life for too long. */
async function isStale(path: string): Promise<boolean> {
  try {
    const owner = await ownerOf(path);
    if (owner !== undefined && isGone(owner)) return true;
    return Math.abs(Date.now() - (await stat(path)).mtimeMs) > STALE_MS;
  } catch {
    // It has just been let go.
    return false;
  }
}

async function ownerOf(path: string) {
  return parseOwner((await readPrivateFile(path).catch(() => undefined)) ?? '');
}

/**
 * Removes the lock that is meant. It is moved aside first, where only one process can get it; if it turns out to be
 * another one, it is put back, unless a third has come meanwhile.
 * @returns whether it is gone
 */
async function moveAway(path: string, isMeant: (aside: string) => Promise<boolean>): Promise<boolean> {
  const aside = `${path}.${process.pid}-${randomBytes(8).toString('hex')}`;
  try {
    await rename(path, aside);
    const meant = await isMeant(aside);
    if (!meant) await link(aside, path).catch(() => undefined);
    await rm(aside, { force: true });
    return meant;
  } catch {
    return false;
  }
}
