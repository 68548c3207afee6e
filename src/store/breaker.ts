/** So much trouble in a row, and the store is left alone. */
const LIMIT = 3;
/** For how long, jittered: twice as long each time. */
const PAUSE_MS = { first: 5_000, last: 60_000 };

/** Counts trouble in a row. From a limit on it says for a while that it is not worth a try. */
export class Breaker {
  #trouble = 0;
  #pauses = 0;
  #pausedUntil = 0;
  #trying = false;
  readonly #onPause: (forMs: number) => void;

  constructor(onPause: (forMs: number) => void = () => undefined) {
    this.#onPause = onPause;
  }

  /** `try`: the pause is over, and this one call may find out, off the way of any token. */
  get state(): 'closed' | 'paused' | 'try' {
    if (this.#pausedUntil === 0) return 'closed';
    if (this.#trying || performance.now() < this.#pausedUntil) return 'paused';
    this.#trying = true;
    return 'try';
  }

  succeeded(): void {
    this.#trouble = 0;
    this.#pauses = 0;
    this.#pausedUntil = 0;
    this.#trying = false;
  }

  failed(weight: number): void {
    this.#trouble += weight;
    // What was under way when the pause began does not lengthen it.
    if (this.#pausedUntil !== 0 && !this.#trying) return;
    if (this.#trouble < LIMIT && !this.#trying) return;
    this.#trying = false;
    const forMs = Math.min(PAUSE_MS.first * 2 ** this.#pauses, PAUSE_MS.last) * (0.75 + Math.random() / 2);
    this.#pauses += 1;
    this.#pausedUntil = performance.now() + forMs;
    this.#onPause(forMs);
  }
}
