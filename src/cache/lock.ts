import { randomBytes } from 'node:crypto';
import { type FileHandle, link, lstat, open, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasEnded, thisProcess } from '../system/process-id.ts';
import { temporaryPath } from '../system/replace-file.ts';
import { takeAside } from '../system/take-aside.ts';
import { formatOwner, type LockOwner, parseOwner } from './lock-owner.ts';
import { readPrivateFile } from './private-file.ts';

/** How often a waiter looks again, in milliseconds. */
const POLL_MS = 30;
/** A holder touches its lock so often … */
const HEARTBEAT_MS = 1_000;
/**
 * … and counts as stopped or gone when a waiter has seen it untouched for so long. By the waiter's own stopwatch: the
 * holder may be on another machine, with another clock.
 */
const STALE_MS = 5_000;

/** How a lock is waited for. */
export interface LockWait<T> {
  readonly waitMs: number;
  /** Ends the waiting with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** What makes the lock unnecessary: asked while another holds it. */
  readonly found?: (() => Promise<T | undefined>) | undefined;
}

/** A lock that is ours. */
export interface HeldLock {
  /** Never rejects. */
  release(): Promise<void>;
}

/** `busy`: another held it all the time. `trouble`: there can be no lock here (read-only, full disk). */
export type LockOutcome<T> = { readonly held: HeldLock } | { readonly found: T } | 'busy' | 'trouble';

/**
 * Takes a lock file: an ordinary one, as the caches that share a folder over the network date it to show that their
 * holder lives (the lock of a kubeconfig is client-go's and shows nothing: kubeconfig/lock-kubeconfig.ts). One whose holder
 * has died is taken over at once where that can be known, otherwise after a few seconds without a sign of life.
 * @param path - of the lock: a file of its own, never the one that is written
 */
export async function takeLock<T>(path: string, { waitMs, signal, found }: LockWait<T>): Promise<LockOutcome<T>> {
  const began = performance.now();
  const watched = new LockWatch(path);
  for (;;) {
    const lock = await acquire(path);
    if (lock !== 'taken') return lock === 'trouble' ? lock : { held: lock };
    const theirs = await found?.();
    if (theirs !== undefined) return { found: theirs };
    if (performance.now() - began >= waitMs) return 'busy';
    const dead = await watched.dead();
    if (dead !== undefined && (await moveAway(path, dead))) continue;
    // Jittered: a hundred waiters are not to look at the same moment.
    await sleep(POLL_MS * (0.5 + Math.random()), undefined, signal && { signal });
  }
}

async function acquire(path: string): Promise<HeldLock | 'taken' | 'trouble'> {
  const nonce = randomBytes(8).toString('hex');
  const handle = await createOwned(path, formatOwner({ nonce, process: thisProcess() }));
  if (handle === 'taken' || handle === 'trouble') return handle;
  // Through the handle: under that name another process's lock may lie by now.
  const heartbeat = setInterval(() => {
    const now = Date.now() / 1000;
    handle.utimes(now, now).catch(() => undefined);
  }, HEARTBEAT_MS).unref();
  return {
    async release() {
      clearInterval(heartbeat);
      await handle.close().catch(() => undefined);
      await moveAway(path, nonce);
    },
  };
}

/**
 * The lock with its owner in it from its first moment, so that a kill at any time leaves none of nobody's, for which
 * all would wait: written under another name, then linked, which fails where a lock lies already.
 */
async function createOwned(path: string, owner: string): Promise<FileHandle | 'taken' | 'trouble'> {
  // The usual case while waiting.
  if (await lstat(path).catch(() => undefined)) return 'taken';
  const temporary = temporaryPath(dirname(path));
  const handle = await createWritten(temporary, owner);
  if (typeof handle === 'string') return handle;
  const outcome = await link(temporary, path).then(
    () => 'linked' as const,
    (error: NodeJS.ErrnoException) => (error.code === 'EEXIST' ? 'taken' : 'impossible'),
  );
  await rm(temporary, { force: true }).catch(() => undefined);
  if (outcome === 'linked') return handle;
  await handle.close().catch(() => undefined);
  // File systems without hard links: there a kill in the right moment costs the others a few seconds.
  return outcome === 'taken' ? outcome : createWritten(path, owner);
}

/** A new file with that text, or nothing. */
async function createWritten(path: string, text: string): Promise<FileHandle | 'taken' | 'trouble'> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'wx', 0o600);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EEXIST' ? 'taken' : 'trouble';
  }
  try {
    await handle.writeFile(text);
    return handle;
  } catch {
    await handle.close().catch(() => undefined);
    await rm(path, { force: true }).catch(() => undefined);
    return 'trouble';
  }
}

/** Follows one lock from look to look. */
class LockWatch {
  readonly #path: string;
  #seen = '';
  #since = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** The nonce of the lock if its holder is dead; empty for one that was never written. */
  async dead(): Promise<string | undefined> {
    try {
      const owner = await ownerOf(this.#path);
      if (owner !== undefined && hasEnded(owner.process)) return owner.nonce;
      const now = performance.now();
      const seen = `${owner?.nonce} ${(await stat(this.#path)).mtimeMs}`;
      if (seen !== this.#seen) {
        this.#seen = seen;
        this.#since = now;
      }
      return now - this.#since > STALE_MS ? (owner?.nonce ?? '') : undefined;
    } catch {
      // It has just been let go.
      return undefined;
    }
  }
}

async function ownerOf(path: string): Promise<LockOwner | undefined> {
  return parseOwner((await readPrivateFile(path).catch(() => undefined)) ?? '');
}

/** Removes the lock with that nonce. @returns whether it is gone */
function moveAway(path: string, nonce: string): Promise<boolean> {
  const isMeant = async (aside: string): Promise<boolean> => ((await ownerOf(aside))?.nonce ?? '') === nonce;
  return takeAside(path, isMeant).catch(() => false);
}
