import type { EKSAuthErrorCode } from '../../errors.ts';

/** What the followed sources of a registry have come to. */
export interface DiscoveryActivity {
  /** The sources that are followed now. */
  readonly sources: number;
  /** Clusters that sources have registered, since the start. */
  readonly registered: number;
  /** Clusters of sources that have changed, since the start. */
  readonly changed: number;
  /** Clusters that were removed because their source no longer has them, since the start. */
  readonly removed: number;
  /** Failures of sources and of their parts by the code of the error, since the start. */
  readonly failures: Readonly<Partial<Record<EKSAuthErrorCode, number>>>;
  /**
   * The last time at which each source was read without a failure; for a source that never was, the time since which it is
   * followed. Absent: no source is followed.
   */
  readonly completeAt?: Date;
}

/** Counts what the sources of a registry do. */
export class SourceCounts {
  readonly #changes = { registered: 0, changed: 0, removed: 0 };
  readonly #failures = new Map<EKSAuthErrorCode, number>();
  readonly #completeAt = new Map<object, Date>();

  count(change: 'registered' | 'changed' | 'removed'): void {
    this.#changes[change] += 1;
  }

  countFailure(code: EKSAuthErrorCode): void {
    this.#failures.set(code, (this.#failures.get(code) ?? 0) + 1);
  }

  /** A source is followed from now on, or was read whole. */
  complete(source: object, now: Date): void {
    this.#completeAt.set(source, now);
  }

  ended(source: object): void {
    this.#completeAt.delete(source);
  }

  activity(): DiscoveryActivity {
    const times = [...this.#completeAt.values()].map((date) => date.getTime());
    return {
      sources: times.length,
      ...this.#changes,
      failures: Object.fromEntries(this.#failures),
      ...(times.length > 0 && { completeAt: new Date(Math.min(...times)) }),
    };
  }
}
