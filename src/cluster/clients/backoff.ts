import { retryAfterMs } from '../transport/retry-after.ts';

const FIRST_MS = 800;
const LONGEST_MS = 30_000;
/** Without a pause for so long, the next one is the first again. */
const RESET_MS = 120_000;

/** The pauses of client-go's reflector: each is twice the one before, and up to as much again by chance. */
export class Backoff {
  #next = FIRST_MS;
  #last = Number.NEGATIVE_INFINITY;

  /** The next pause, in milliseconds. @param atLeastMs what the server asks for */
  next(atLeastMs = 0): number {
    const now = performance.now();
    if (now - this.#last > RESET_MS) this.#next = FIRST_MS;
    this.#last = now;
    const pause = this.#next * (1 + Math.random());
    this.#next = Math.min(this.#next * 2, LONGEST_MS);
    return Math.max(pause, atLeastMs);
  }
}

/** By error of a watch, which has no headers. */
const asked = new WeakMap<object, number>();

/** Notes what the server asked to wait, with the error of its answer. */
export function noteRetryAfter(error: unknown, milliseconds: number | undefined): void {
  if (typeof error === 'object' && error !== null && milliseconds !== undefined) asked.set(error, milliseconds);
}

/** What the server asked to wait, if the error is one of its answers. */
export function askedToWaitMs(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { headers } = error as { readonly headers?: Readonly<Record<string, unknown>> };
  return asked.get(error) ?? retryAfterMs(headers?.['retry-after']);
}
