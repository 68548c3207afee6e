import type { EKSAuthErrorCode } from '../../errors.ts';

/** The numbers of a registry's followed sources. */
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
   * The earliest of the times at which the sources were last read without a failure. A source that was never read so
   * counts from the time when the registry began to follow it. Absent: no source is followed.
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

  /** Call when the registry begins to follow a source, and when a source was read completely. */
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
