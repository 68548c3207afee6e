/**
 * How often the ticker looks at its members, in milliseconds. It compares wall-clock times, so the next look notices a
 * suspend or a clock step.
 */
const TICK_MS = 5_000;
/** How many members refresh at once: each may start a process where the original command decides. */
const REFRESHES_AT_ONCE = 8;

/** A token manager that is registered for background refresh. */
export interface TickerMember {
  isDue(): boolean;
  /** Never rejects. */
  refresh(): Promise<void>;
}

/**
 * One timer for any number of token managers. It runs only while a manager is enrolled and never keeps a process alive.
 */
export class RefreshTicker {
  readonly #members = new Set<TickerMember>();
  readonly #running = new Set<TickerMember>();
  /** Seen to be due, and not yet begun. */
  readonly #due = new Set<TickerMember>();
  #timer: NodeJS.Timeout | undefined;
  #turn: NodeJS.Immediate | undefined;

  /** @returns a function that ends the membership; it may be called again */
  enrol(member: TickerMember): () => void {
    this.#members.add(member);
    this.#timer ??= setInterval(() => this.#look(), TICK_MS).unref();
    return () => {
      this.#members.delete(member);
      if (this.#members.size === 0) {
        clearInterval(this.#timer);
        this.#timer = undefined;
      }
    };
  }

  #look(): void {
    for (const member of this.#members) {
      if (!this.#running.has(member) && member.isDue()) this.#due.add(member);
    }
    this.#next();
  }

  /** Runs the next refresh in its own turn of the event loop, so that requests are answered between two refreshes. */
  #nextTurn(): void {
    this.#turn ??= setImmediate(() => {
      this.#turn = undefined;
      this.#next();
    }).unref();
  }

  /**
   * Refreshes each due member once for each look. A member stays due while another call refreshes it, and would
   * otherwise be asked without end.
   */
  #next(): void {
    for (const member of this.#due) {
      if (this.#running.size >= REFRESHES_AT_ONCE) return;
      this.#due.delete(member);
      if (!this.#members.has(member) || !member.isDue()) continue;
      this.#running.add(member);
      void member.refresh().finally(() => {
        this.#running.delete(member);
        this.#nextTurn();
      });
    }
  }
}

/** For token managers outside of a registry: however many there are, one timer serves them. */
export const TICKER_OF_PROCESS: RefreshTicker = new RefreshTicker();
