import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RefreshTicker, TickerMember } from '../../aws/refresh/refresh-ticker.ts';
import { EKSAuthError } from '../../errors.ts';
import type { Kubeconfig } from '../../kubeconfig/read/kubeconfig-file.ts';

/** The shortest time between two checks of the files, however many requests there are. */
const CHECK_MS = 250;
/** A file is complete when it has not changed for this long. Some tools truncate a file before they write it. */
const SETTLED_MS = 300;
/** A file that is missing or damaged for less than this is being replaced. */
const DAMAGED_MS = 1_000;

/** A subscriber to a followed kubeconfig. */
export interface Follower {
  /** Applies the new content, or throws an EKSAuthError and keeps the previous one. */
  adopt(kubeconfig: Kubeconfig): Promise<void>;
  /** Called when the new content cannot be used. The previous one stays in force. */
  refused(error: EKSAuthError): void;
}

/**
 * A kubeconfig that may change while its clusters are in use. Its files are checked with one `stat` each when requests
 * are made, when one fails, and by a timer. No handle is kept open, so a rename, a switched symbolic link and a rewrite
 * in place are all noticed. Incomplete and damaged files are ignored.
 */
export class FollowedKubeconfig implements TickerMember {
  readonly #paths: readonly string[];
  readonly #load: () => Promise<Kubeconfig>;
  readonly #followers = new Set<Follower>();
  #version: string;
  #checkedAt = performance.now();
  /** A new version, and the time when it was first seen. */
  #seen: { readonly version: string; readonly since: number } | undefined;
  /** A version that was refused and is not read again. */
  #refused: string | undefined;
  #adopting: Promise<void> | undefined;
  #leaveTicker: (() => void) | undefined;

  /** Must be called before the files are first read, so that no change is missed. */
  constructor(paths: readonly string[], load: () => Promise<Kubeconfig>) {
    this.#paths = paths;
    this.#load = load;
    this.#version = versionOf(paths);
  }

  /** The number of followers. */
  get size(): number {
    return this.#followers.size;
  }

  /**
   * @param read the version that the follower has read; if it is another one, the next check notifies all followers
   * @returns a function that removes the follower
   */
  join(follower: Follower, read: FollowedKubeconfig): () => void {
    this.#followers.add(follower);
    if (read.#version !== this.#version) this.#version = '';
    return () => void this.#followers.delete(follower);
  }

  /** Checks the files at each tick. The ticker does not keep the process running. */
  begin(ticker: RefreshTicker): void {
    this.#leaveTicker ??= ticker.enrol(this);
  }

  end(): void {
    this.#leaveTicker?.();
    this.#leaveTicker = undefined;
  }

  isDue(): boolean {
    return performance.now() - this.#checkedAt >= CHECK_MS;
  }

  /** Checks the files, unless there was a check a moment ago. Never rejects. */
  async refresh(): Promise<void> {
    if (this.isDue() && this.#hasChanged() && this.#isSettled()) await this.#adopt();
  }

  /** Checks the files now, and waits for a change in progress. Called after a failure. Never rejects. */
  async catchUp(): Promise<void> {
    await this.#adopting;
    if (!this.#hasChanged()) return;
    if (!this.#isSettled()) {
      await sleep(SETTLED_MS);
      if (!this.#hasChanged() || !this.#isSettled()) return;
    }
    await this.#adopt();
  }

  #hasChanged(): boolean {
    this.#checkedAt = performance.now();
    const version = versionOf(this.#paths);
    if (version === this.#version) this.#refused = undefined;
    if (version === this.#version || version === this.#refused) {
      this.#seen = undefined;
      return false;
    }
    if (this.#seen?.version !== version) this.#seen = { version, since: this.#checkedAt };
    return true;
  }

  #isSettled(): boolean {
    return this.#seen !== undefined && performance.now() - this.#seen.since >= SETTLED_MS - 1;
  }

  #adopt(): Promise<void> {
    this.#adopting ??= this.#adoptSeen().finally(() => {
      this.#adopting = undefined;
    });
    return this.#adopting;
  }

  async #adoptSeen(): Promise<void> {
    const seen = this.#seen;
    if (seen === undefined) return;
    const refuseAll = (error: EKSAuthError) => {
      for (const follower of this.#followers) follower.refused(error);
    };
    let kubeconfig: Kubeconfig;
    try {
      kubeconfig = await this.#load();
    } catch (error) {
      if (performance.now() - seen.since < DAMAGED_MS) return;
      this.#refused = seen.version;
      refuseAll(asKubeconfigError(error));
      return;
    }
    // The file was written while it was read.
    if (versionOf(this.#paths) !== seen.version) return;
    this.#version = seen.version;
    this.#refused = undefined;
    for (const follower of [...this.#followers]) {
      await follower.adopt(kubeconfig).catch((error: unknown) => follower.refused(asKubeconfigError(error)));
    }
  }
}

function versionOf(paths: readonly string[]): string {
  return paths
    .map((path) => {
      try {
        const stats = statSync(path);
        // A pipe delivers its text once, so it does not change.
        if (stats.isFIFO()) return 'pipe';
        const { dev, ino, size, mtimeMs, ctimeMs } = stats;
        return `${dev}.${ino}.${size}.${mtimeMs}.${ctimeMs}`;
      } catch (error) {
        return error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
      }
    })
    .join('|');
}

function asKubeconfigError(error: unknown): EKSAuthError {
  if (error instanceof EKSAuthError) return error;
  return new EKSAuthError('INVALID_KUBECONFIG', 'The kubeconfig can no longer be read.', {
    remedy: 'Correct what the cause of this error says, or register the cluster again with another file.',
    cause: error,
  });
}
