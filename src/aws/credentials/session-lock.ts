import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { takeLock } from '../../cache/directory/lock.ts';

const LOCK_SUFFIX = '.ekspress-lock';
/** How long to wait for another process that renews the session. */
const WAIT_MS = 15_000;
/** After a refusal: how long to wait for the renewal of a process that takes no lock to appear in the file. */
const RIVAL_WAIT_MS = 3_000;
const RIVAL_POLL_MS = 100;

/** How to renew a session, and how to recognise that another process has renewed it. */
export interface SessionRenewal<T> {
  /** Called only under the lock: the second use of a refresh token ends the login. */
  readonly renew: () => Promise<T>;
  /** The session that another process has renewed meanwhile. `undefined`: there is none yet. */
  readonly renewed: () => Promise<T | undefined>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Renews a session under a lock that all our processes respect, on all machines that share the folder of `sessionFile`.
 * `busy`: another process did not finish in time. `trouble`: no lock can be made there, so a new session could not be
 * saved either.
 */
export async function renewAlone<T>(
  sessionFile: string,
  { renew, renewed, signal }: SessionRenewal<T>,
): Promise<{ readonly session: T } | 'busy' | 'trouble'> {
  const outcome = await takeLock(lockOf(sessionFile), { waitMs: WAIT_MS, signal, found: renewed });
  if (outcome === 'busy' || outcome === 'trouble') return outcome;
  if ('found' in outcome) return { session: outcome.found };
  try {
    return { session: await renew() };
  } finally {
    await outcome.held.release();
  }
}

/**
 * Waits for an `aws` process that has renewed the session first and has not written the result yet.
 * @param hasWritten whether the file of the session has changed
 */
export async function waitForRival(hasWritten: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; waited < RIVAL_WAIT_MS; waited += RIVAL_POLL_MS) {
    if (await hasWritten()) return;
    await sleep(RIVAL_POLL_MS);
  }
}

/**
 * The lock of a session lies beside its file: the AWS CLI looks at names that end in `.json` only. In `~/.aws/login/cache`
 * other programs take every file for a login, so there it lies in the folder above.
 */
function lockOf(sessionFile: string): string {
  const folder = dirname(sessionFile);
  const holdsLogins = /[\\/]login[\\/]cache$/.test(folder);
  return join(holdsLogins ? dirname(folder) : folder, `${basename(sessionFile)}${LOCK_SUFFIX}`);
}
