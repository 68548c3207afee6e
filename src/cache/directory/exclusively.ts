import { takeLock } from './lock.ts';

const WAIT_MS = 10_000;

/** Work that one process at a time does for all. */
export interface ExclusiveWork<T> {
  /** The result of another process, or undefined. Called before the work, and repeatedly while waiting. */
  readonly done: () => Promise<T | undefined>;
  readonly work: () => Promise<T>;
  /** Aborts the waiting. The call then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** How long callers wait for each other. */
export interface WaitOptions {
  /** How long to wait for another process, in milliseconds. Default 10,000. */
  readonly waitMs?: number | undefined;
}

/**
 * Does the work under a lock file, unless another process has done it. The lock only avoids duplicate work. Results are
 * right without it. So if the lock fails (a full or read-only disk, a holder that hangs), the work is done without it.
 */
export async function exclusively<T>(
  lockPath: string,
  { done, work, signal }: ExclusiveWork<T>,
  { waitMs = WAIT_MS }: WaitOptions = {},
): Promise<T> {
  const outcome = await takeLock(lockPath, { waitMs, signal, found: done });
  if (outcome === 'busy' || outcome === 'trouble') return work();
  if ('found' in outcome) return outcome.found;
  try {
    return (await done()) ?? (await work());
  } finally {
    await outcome.held.release();
  }
}
