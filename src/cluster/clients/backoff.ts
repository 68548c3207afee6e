import { retryAfterMs } from '../transport/retry-after.ts';

const FIRST_MS = 800;
const LONGEST_MS = 30_000;
/** No server prolongs a pause beyond this. Timers of Node turn more than 25 days into a millisecond. */
const LONGEST_ASKED_MS = 3_600_000;
/** If no pause was needed for so long, the next pause is again the first. */
const RESET_MS = 120_000;

/**
 * The pauses of client-go's reflector. Each is twice as long as the previous one, plus a random part of up to the same
 * length.
 */
export class Backoff {
  #next = FIRST_MS;
  #last = Number.NEGATIVE_INFINITY;

  /** The next pause, in milliseconds. @param atLeastMs what the server asks for, at most an hour */
  next(atLeastMs = 0): number {
    const now = performance.now();
    if (now - this.#last > RESET_MS) this.#next = FIRST_MS;
    this.#last = now;
    const pause = this.#next * (1 + Math.random());
    this.#next = Math.min(this.#next * 2, LONGEST_MS);
    return Math.max(pause, Math.min(atLeastMs, LONGEST_ASKED_MS));
  }
}

/** The pauses that servers have asked for, by error: the error of a watch has no headers. */
const asked = new WeakMap<object, number>();

/** Remembers the pause that the server asked for, with the error of its answer. */
export function noteRetryAfter(error: unknown, milliseconds: number | undefined): void {
  if (typeof error === 'object' && error !== null && milliseconds !== undefined) asked.set(error, milliseconds);
}

/** The pause that the server asked for, if the error is one of its answers. */
export function askedToWaitMs(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { headers } = error as { readonly headers?: Readonly<Record<string, unknown>> };
  return asked.get(error) ?? retryAfterMs(headers?.['retry-after']);
}
