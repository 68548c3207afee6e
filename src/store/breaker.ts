/** How many failures in a row open the breaker. */
const LIMIT = 3;
/** How long the breaker stays open, plus or minus a random part. The time doubles with each further pause. */
const PAUSE_MS = { first: 5_000, last: 60_000 };

/** Counts the failures of a store in a row. From a limit on, the store is not asked for a while. */
export class Breaker {
  #trouble = 0;
  #pauses = 0;
  #pausedUntil = 0;
  #trying = false;
  readonly #onPause: (forMs: number) => void;

  constructor(onPause: (forMs: number) => void = () => undefined) {
    this.#onPause = onPause;
  }

  /** `try`: the pause is over, and this one call tests the store. No token waits for that call. */
  get state(): 'closed' | 'paused' | 'try' {
    if (this.#pausedUntil === 0) return 'closed';
    if (this.#trying || performance.now() < this.#pausedUntil) return 'paused';
    this.#trying = true;
    return 'try';
  }

  /** Whether the store is left alone, also while a call tests it. */
  get isPaused(): boolean {
    return this.#pausedUntil !== 0;
  }

  succeeded(): void {
    this.#trouble = 0;
    this.#pauses = 0;
    this.#pausedUntil = 0;
    this.#trying = false;
  }

  failed(weight: number): void {
    this.#trouble += weight;
    // A failure of a call that was in progress when the pause began does not make the pause longer.
    if (this.#pausedUntil !== 0 && !this.#trying) return;
    if (this.#trouble < LIMIT && !this.#trying) return;
    this.#trying = false;
    const forMs = Math.min(PAUSE_MS.first * 2 ** this.#pauses, PAUSE_MS.last) * (0.75 + Math.random() / 2);
    this.#pauses += 1;
    this.#pausedUntil = performance.now() + forMs;
    this.#onPause(forMs);
  }
}
