import { takeLock } from '../../cache/lock.ts';
import { Undecidable } from '../undecidable.ts';

/** Beside the session file; the AWS CLI looks at names that end in `.json` only. */
const LOCK_SUFFIX = '.ekspress-lock';
/** How long somebody else's renewal is waited for; then the decision is left to the original command. */
const WAIT_MS = 15_000;

/**
 * Runs `work` as the only one of our processes, on all machines that share the folder, that renews the session in
 * `sessionFile`. Never without the lock: who comes second with a used refresh token is logged out.
 * @throws Undecidable where another does not finish in time, or no lock is to be had
 */
export async function withSessionLock<T>(
  sessionFile: string,
  { signal }: { readonly signal?: AbortSignal | undefined },
  work: () => Promise<T>,
): Promise<T> {
  const path = `${sessionFile}${LOCK_SUFFIX}`;
  const outcome = await takeLock<never>(path, { waitMs: WAIT_MS, signal });
  if (outcome === 'busy') throw new Undecidable('another process is renewing the session and does not finish');
  if (outcome === 'trouble' || 'found' in outcome) throw new Undecidable(`no lock for the session can be had: ${path}`);
  try {
    return await work();
  } finally {
    await outcome.held.release();
  }
}
