import { takeLock } from './lock.ts';

const WAIT_MS = 10_000;

/** Something that one process at a time does for all. */
export interface ExclusiveWork<T> {
  /** What another process has done meanwhile, or undefined; asked before the work, and again while waiting. */
  readonly done: () => Promise<T | undefined>;
  readonly work: () => Promise<T>;
  /** Ends the waiting with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** How patient its callers are. */
export interface Patience {
  /** How long another process is waited for, in milliseconds. Default 10,000. */
  readonly waitMs?: number | undefined;
}

/**
 * Does the work under a lock file, unless another process has done it. The lock keeps many from doing the same at
 * once; it is never what makes them right. So any trouble with it means going on alone: a disk that is full or
 * read-only, a holder that hangs.
 */
export async function exclusively<T>(
  lockPath: string,
  { done, work, signal }: ExclusiveWork<T>,
  { waitMs = WAIT_MS }: Patience = {},
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
