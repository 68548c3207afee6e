import { unlessAborted } from '../../system/unless-aborted.ts';
import { Urgency } from '../gate/urgency.ts';

/** The wait of a call, or of a refresh ahead of time. */
export interface Wait {
  readonly signal?: AbortSignal | undefined;
  /** No call waits. */
  readonly ahead?: boolean;
}

/** All calls and refreshes that wait for the token of one manager. */
export class Waiters {
  readonly #leftAlone: (reason: unknown) => void;
  #all = 0;
  #calls = 0;
  #urgency: Urgency | undefined;

  /** @param leftAlone called when the last of them has gone */
  constructor(leftAlone: (reason: unknown) => void) {
    this.#leftAlone = leftAlone;
  }

  /** @returns the urgency of an attempt that begins */
  attempt(): Urgency {
    this.#urgency = new Urgency(this.#calls > 0);
    return this.#urgency;
  }

  async wait<T>(work: Promise<T>, { signal, ahead = false }: Wait): Promise<T> {
    const calls = ahead ? 0 : 1;
    this.#all += 1;
    this.#calls += calls;
    if (!ahead) this.#urgency?.raise();
    try {
      return await unlessAborted(work, signal);
    } finally {
      this.#all -= 1;
      this.#calls -= calls;
      if (this.#all === 0) this.#leftAlone(signal?.reason);
    }
  }
}
