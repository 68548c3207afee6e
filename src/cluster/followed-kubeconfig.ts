import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RefreshTicker, TickerMember } from '../aws/refresh-ticker.ts';
import { EKSAuthError } from '../errors.ts';
import type { Kubeconfig } from '../kubeconfig/kubeconfig-file.ts';

/** Files are looked at at most this often, however many requests there are. */
const LOOK_MS = 250;
/** A file that has not changed for this long is complete: some tools empty it before they fill it again. */
const SETTLED_MS = 300;
/** A file that is missing or damaged for less long is being replaced. */
const DAMAGED_MS = 1_000;

/** One who goes by a kubeconfig. */
export interface Follower {
  /** Takes over what it says now, or throws an EKSAuthError and goes on as before. */
  adopt(kubeconfig: Kubeconfig): Promise<void>;
  /** It cannot be followed; what it said before goes on being true. */
  refused(error: EKSAuthError): void;
}

/**
 * A kubeconfig that may change while clusters which were registered from it are in use. Its files are looked at (one
 * `stat` each) when requests are made, when one fails, and now and then; no handle on them is kept, and a rename, the
 * switch of a symbolic link and a rewriting in place are all the same. What is incomplete or damaged changes nothing.
 */
export class FollowedKubeconfig implements TickerMember {
  readonly #paths: readonly string[];
  readonly #load: () => Promise<Kubeconfig>;
  readonly #followers = new Set<Follower>();
  #version: string;
  #lookedAt = performance.now();
  /** Another version, and since when it has been there. */
  #seen: { readonly version: string; readonly since: number } | undefined;
  /** One that has been refused; it is not read again. */
  #refused: string | undefined;
  #adopting: Promise<void> | undefined;
  #leaveTicker: (() => void) | undefined;

  /** Made before the files are read for the first time. */
  constructor(paths: readonly string[], load: () => Promise<Kubeconfig>) {
    this.#paths = paths;
    this.#load = load;
    this.#version = versionOf(paths);
  }

  /** How many go by it. */
  get size(): number {
    return this.#followers.size;
  }

  /**
   * @param read what the follower has read: where that is not what was read here, all are told anew
   * @returns how to leave again
   */
  join(follower: Follower, read: FollowedKubeconfig): () => void {
    this.#followers.add(follower);
    if (read.#version !== this.#version) this.#version = '';
    return () => void this.#followers.delete(follower);
  }

  /** Looks now and then, by a timer that holds no process open. */
  begin(ticker: RefreshTicker): void {
    this.#leaveTicker ??= ticker.enrol(this);
  }

  end(): void {
    this.#leaveTicker?.();
    this.#leaveTicker = undefined;
  }

  isDue(): boolean {
    return performance.now() - this.#lookedAt >= LOOK_MS;
  }

  /** Looks, if nobody has done so for a while. Never rejects. */
  async refresh(): Promise<void> {
    if (this.isDue() && this.#hasChanged() && this.#isSettled()) await this.#adopt();
  }

  /** Looks now, and waits where a change is under way: something has failed that may be due to it. Never rejects. */
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
    this.#lookedAt = performance.now();
    const version = versionOf(this.#paths);
    if (version === this.#version) this.#refused = undefined;
    if (version === this.#version || version === this.#refused) {
      this.#seen = undefined;
      return false;
    }
    if (this.#seen?.version !== version) this.#seen = { version, since: this.#lookedAt };
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
    const tellAll = (error: EKSAuthError) => {
      for (const follower of this.#followers) follower.refused(error);
    };
    let kubeconfig: Kubeconfig;
    try {
      kubeconfig = await this.#load();
    } catch (error) {
      if (performance.now() - seen.since < DAMAGED_MS) return;
      this.#refused = seen.version;
      tellAll(asAuthError(error));
      return;
    }
    // It was written while it was read.
    if (versionOf(this.#paths) !== seen.version) return;
    this.#version = seen.version;
    this.#refused = undefined;
    for (const follower of [...this.#followers]) {
      await follower.adopt(kubeconfig).catch((error: unknown) => follower.refused(asAuthError(error)));
    }
  }
}

function versionOf(paths: readonly string[]): string {
  return paths
    .map((path) => {
      try {
        const { dev, ino, size, mtimeMs, ctimeMs } = statSync(path);
        return `${dev}.${ino}.${size}.${mtimeMs}.${ctimeMs}`;
      } catch (error) {
        return error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
      }
    })
    .join('|');
}

function asAuthError(error: unknown): EKSAuthError {
  if (error instanceof EKSAuthError) return error;
  return new EKSAuthError('INVALID_KUBECONFIG', 'The kubeconfig cannot be read any more.', {
    remedy: 'See the cause.',
    cause: error,
  });
}
