import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Undecidable } from '../undecidable.ts';

/** Beside the session file; the AWS CLI looks at names that end in `.json` only. */
const LOCK_SUFFIX = '.ekspress-lock';
/** How long somebody else's renewal is waited for; then the decision is left to the original command. */
const LONGEST_WAIT_MS = 15_000;
const POLL_MS = 50;
/** The holder touches the lock this often … */
const HEARTBEAT_MS = 1_000;
/** … and counts as gone when it was seen untouched for this long, by the clock of who waits: no two clocks are compared. */
const STALE_MS = 8_000;

export interface LockAccess {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs `work` as the only one of our processes, on all machines that share the folder, that renews the session in
 * `sessionFile`.
 * @throws Undecidable where another does not finish in time
 */
export async function withSessionLock<T>(sessionFile: string, access: LockAccess, work: () => Promise<T>): Promise<T> {
  const path = `${sessionFile}${LOCK_SUFFIX}`;
  const owner = randomBytes(16).toString('hex');
  await acquire(path, owner, access.signal);
  const heartbeat = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => {}), HEARTBEAT_MS);
  heartbeat.unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    if ((await look(path))?.owner === owner) await rm(path, { force: true }).catch(() => {});
  }
}

async function acquire(path: string, owner: string, signal: AbortSignal | undefined): Promise<void> {
  const started = performance.now();
  let seen: FoundLock | undefined;
  let seenSince = started;
  for (;;) {
    try {
      await writeFile(path, owner, { flag: 'wx', mode: 0o600 });
      return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EEXIST') throw new Undecidable(`no lock for the session can be had (${path}: ${code})`);
    }
    const found = await look(path);
    const now = performance.now();
    if (!found || found.owner !== seen?.owner || found.touched !== seen.touched) {
      seen = found;
      seenSince = now;
    } else if (now - seenSince > STALE_MS) await moveAside(path, found);
    if (now - started > LONGEST_WAIT_MS)
      throw new Undecidable('another process is renewing the session and does not finish');
    await sleep(POLL_MS, undefined, signal ? { signal } : {});
  }
}

interface FoundLock {
  readonly owner: string;
  readonly touched: number;
}

async function look(path: string): Promise<FoundLock | undefined> {
  try {
    const owner = await readFile(path, 'utf8');
    const { mtimeMs } = await stat(path);
    return { owner, touched: mtimeMs };
  } catch {
    return undefined;
  }
}

/** Of several who find a dead lock one can move it; who moves a living one instead, because it was replaced, puts it back. */
async function moveAside(path: string, dead: FoundLock): Promise<void> {
  const aside = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    if ((await look(path))?.owner !== dead.owner) return;
    await rename(path, aside);
    const moved = await look(aside);
    if (moved?.owner !== dead.owner) await link(aside, path);
    await rm(aside, { force: true });
  } catch {
    // Somebody else was quicker.
  }
}
