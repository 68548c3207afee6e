import { onAbort } from '../../system/link-signals.ts';
import type { Urgency } from './urgency.ts';

/** How many requests one quota of AWS takes. */
export interface GateLimits {
  /** Requests that have no answer yet. */
  readonly inFlight: number;
  /** Requests that begin in one second. */
  readonly perSecond: number;
}

/** A second and a little more, so that the requests of two seconds do not reach AWS within one. */
const WINDOW_MS = 1_050;

interface Waiter {
  readonly admit: () => void;
}

/**
 * Admits requests to one quota of AWS: a limited number in flight, and a limited number in each second. Requests that a
 * caller waits for go first. After a throttled request all others pause, too, and the number in flight is reduced until
 * requests succeed again.
 */
export class Gate {
  readonly #limits: GateLimits;
  /** How many requests may be in flight now. */
  #width: number;
  #succeeded = 0;
  #inFlight = 0;
  /** When the last requests began, as many as may begin in one second; the oldest first. */
  readonly #begun: number[] = [];
  #pausedUntil = 0;
  readonly #waitedFor = new Set<Waiter>();
  readonly #ahead = new Set<Waiter>();
  #timer: NodeJS.Timeout | undefined;

  constructor(limits: GateLimits) {
    this.#limits = limits;
    this.#width = limits.inFlight;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get waiting(): number {
    return this.#waitedFor.size + this.#ahead.size;
  }

  /** Whether no request waits or is in flight, and none was throttled just now. */
  get isIdle(): boolean {
    const now = performance.now();
    return (
      this.#inFlight + this.waiting === 0 && this.#pausedUntil <= now && now - (this.#begun.at(-1) ?? 0) > WINDOW_MS
    );
  }

  /**
   * Resolves when the request may begin; {@link Gate.leave} must follow.
   * @param urgency absent: a caller waits
   * @throws the reason of the signal
   */
  async enter(urgency: Urgency | undefined, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    const cleanups: (() => void)[] = [];
    try {
      await new Promise<void>((resolve, reject) => {
        const waiter: Waiter = { admit: resolve };
        const promote = (): void => {
          this.#ahead.delete(waiter);
          this.#waitedFor.add(waiter);
          this.#timer?.ref();
        };
        this.#ahead.add(waiter);
        cleanups.push(() => {
          this.#ahead.delete(waiter);
          this.#waitedFor.delete(waiter);
        });
        if (urgency === undefined) promote();
        else cleanups.push(urgency.onRaised(promote));
        if (signal) cleanups.push(onAbort(signal, () => reject(signal.reason)));
        this.#admit();
      });
    } finally {
      for (const clean of cleanups) clean();
      if (this.waiting === 0) this.#stopTimer();
    }
  }

  /** @param throttledMs the pause after a throttled request; absent: it was not throttled */
  leave(throttledMs?: number): void {
    this.#inFlight -= 1;
    if (throttledMs === undefined) this.#widen();
    else {
      this.#succeeded = 0;
      this.#width = Math.max(1, Math.floor(this.#width / 2));
      this.#pausedUntil = Math.max(this.#pausedUntil, performance.now() + throttledMs);
    }
    this.#admit();
  }

  #widen(): void {
    this.#succeeded += 1;
    if (this.#succeeded < this.#width) return;
    this.#succeeded = 0;
    this.#width = Math.min(this.#limits.inFlight, this.#width + 1);
  }

  #admit(): void {
    while (this.waiting > 0 && this.#inFlight < this.#width) {
      const now = performance.now();
      const pause = Math.max(this.#pausedUntil, this.#freeFrom()) - now;
      if (pause > 0) {
        this.#stopTimer();
        this.#timer = setTimeout(() => this.#admit(), pause);
        // A refresh ahead of time does not keep the process alive.
        if (this.#waitedFor.size === 0) this.#timer.unref();
        return;
      }
      const queue = this.#waitedFor.size > 0 ? this.#waitedFor : this.#ahead;
      const [next] = queue;
      if (next === undefined) return;
      queue.delete(next);
      this.#inFlight += 1;
      this.#begun.push(now);
      if (this.#begun.length > this.#limits.perSecond) this.#begun.shift();
      next.admit();
    }
  }

  /** The time at which fewer requests than allowed have begun within a second. */
  #freeFrom(): number {
    const oldest = this.#begun.length < this.#limits.perSecond ? undefined : this.#begun[0];
    return oldest === undefined ? 0 : oldest + WINDOW_MS;
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
