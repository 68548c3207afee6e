import type { EKSAuthError } from '../../errors.ts';
import { backOffMs, lookLaterMs } from './refresh-windows.ts';

/** For so long after a failed attempt, calls that would wait for a new token get the old one while it is valid. */
const RETRY_MS = 2_000;

/** The failures since the last token, and when the next attempt is due. Times are milliseconds of the wall clock. */
export class RefreshFailures {
  #last: EKSAuthError | undefined;
  #inARow = 0;
  #at = Number.NEGATIVE_INFINITY;
  #notBefore = Number.NEGATIVE_INFINITY;

  get last(): EKSAuthError | undefined {
    return this.#last;
  }

  record(error: EKSAuthError, now: number): void {
    this.#last = error;
    this.#at = now;
    this.#notBefore = now + backOffMs(this.#inARow);
    this.#inARow += 1;
  }

  /** Another machine may make the token meanwhile. This is not a failure. */
  lookLater(now: number): void {
    this.#notBefore = now + lookLaterMs();
  }

  clear(): void {
    this.#last = undefined;
    this.#inARow = 0;
    this.#at = Number.NEGATIVE_INFINITY;
    this.#notBefore = Number.NEGATIVE_INFINITY;
  }

  /** Whether refreshing ahead of time has to wait. */
  backingOff(now: number): boolean {
    return now < this.#notBefore;
  }

  /** Whether calls that need a token soon should wait, too. */
  justFailed(now: number): boolean {
    return Math.abs(now - this.#at) < RETRY_MS;
  }
}
