import { randomBytes } from 'node:crypto';
import { type FileHandle, link, lstat, open, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatProcessID, hasEnded, type ProcessID, parseProcessID, thisProcess } from '../../system/process-id.ts';
import { temporaryPath } from '../../system/replace-file.ts';
import { takeAside } from '../../system/take-aside.ts';
import { readPrivateFile } from './private-file.ts';

/** How often a waiter looks at the lock, in milliseconds. */
const POLL_MS = 30;
/** How often a holder touches its lock, in milliseconds. */
const HEARTBEAT_MS = 1_000;
/**
 * A holder counts as stopped when its lock was not touched for this long. The waiter measures that with its own clock: the
 * holder may run on another machine.
 */
const STALE_MS = 5_000;
/**
 * How much the time between two looks counts at most. Where the whole machine has stood still, its holder has not stopped:
 * it gets the time to touch the lock again.
 */
const LONGEST_LOOK_MS = 250;

/** How to wait for a lock. */
export interface LockWait<T> {
  readonly waitMs: number;
  /** Aborts the waiting. The call then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called while another process holds the lock. A result makes the lock unnecessary and ends the waiting. */
  readonly found?: (() => Promise<T | undefined>) | undefined;
}

/** A lock that this process holds. */
export interface HeldLock {
  /** Never rejects. */
  release(): Promise<void>;
}

/** `busy`: other processes held the lock all the time. `trouble`: the lock cannot be made (read-only or full disk). */
export type LockOutcome<T> = { readonly held: HeldLock } | { readonly found: T } | 'busy' | 'trouble';

/**
 * Takes a lock file. The holder touches the file every second, which also works on a folder that several machines share
 * over the network. (The lock of a kubeconfig is client-go's, which is never touched: kubeconfig/edit/lock-kubeconfig.ts.)
 * If the holder has died, the lock is taken over: at once on the same machine, else after a few seconds without a touch.
 * @param path - of the lock file, which is not the file that the lock protects
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
    // Jitter keeps a hundred waiters from looking at the same moment.
    await sleep(POLL_MS * (0.5 + Math.random()), undefined, signal && { signal });
  }
}

async function acquire(path: string): Promise<HeldLock | 'taken' | 'trouble'> {
  const nonce = randomBytes(8).toString('hex');
  const handle = await createOwned(path, formatOwner({ nonce, process: thisProcess() }));
  if (handle === 'taken' || handle === 'trouble') return handle;
  // By the handle, not by the path: the path may lead to the lock of another process by now.
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
 * Makes the lock file with its owner already in it: a kill never leaves a lock without an owner. The file is written
 * under another name and then linked, which fails if there is a lock already.
 */
async function createOwned(path: string, owner: string): Promise<FileHandle | 'taken' | 'trouble'> {
  // While a process waits, the lock usually exists. This check saves the temporary file.
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
  // A file system without hard links. Here a kill can leave a lock without an owner, which costs waiters a few seconds.
  return outcome === 'taken' ? outcome : createWritten(path, owner);
}

/** Makes a new file with that text. If it cannot be written, nothing is left. */
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

/** What a waiter has seen of one lock. */
class LockWatch {
  readonly #path: string;
  #seen = '';
  #looked = 0;
  #untouched = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** The nonce of the lock if its holder is dead. Empty for a lock without an owner. */
  async dead(): Promise<string | undefined> {
    try {
      const owner = await ownerOf(this.#path);
      if (owner !== undefined && hasEnded(owner.process)) return owner.nonce;
      const now = performance.now();
      const seen = `${owner?.nonce} ${(await stat(this.#path)).mtimeMs}`;
      this.#untouched = seen === this.#seen ? this.#untouched + Math.min(now - this.#looked, LONGEST_LOOK_MS) : 0;
      this.#seen = seen;
      this.#looked = now;
      return this.#untouched > STALE_MS ? (owner?.nonce ?? '') : undefined;
    } catch {
      // The lock has just been released.
      return undefined;
    }
  }
}

async function ownerOf(path: string): Promise<LockOwner | undefined> {
  return parseOwner((await readPrivateFile(path).catch(() => undefined)) ?? '');
}

/** Removes the lock if it has that nonce. @returns whether it was removed */
function moveAway(path: string, nonce: string): Promise<boolean> {
  const isMeant = async (aside: string): Promise<boolean> => ((await ownerOf(aside))?.nonce ?? '') === nonce;
  return takeAside(path, isMeant).catch(() => false);
}

/** The process that holds a lock, as precisely as the system can identify it. */
interface LockOwner {
  /** Random. With it a holder recognises its own lock, also after another lock has replaced it. */
  readonly nonce: string;
  readonly process: ProcessID;
}

/** The owner as one line with blanks between the fields, which sh can `read`. */
function formatOwner({ nonce, process }: LockOwner): string {
  return `${nonce} ${formatProcessID(process)}\n`;
}

/** The owner in the text of a lock file. Undefined if the text is not complete. */
function parseOwner(text: string): LockOwner | undefined {
  const [, nonce = '', rest = ''] = /^([0-9a-f]+) (.+)\n$/.exec(text) ?? [];
  const process = parseProcessID(rest);
  return process && { nonce, process };
}
