import { createHash } from 'node:crypto';
import { unlessAborted } from './unless-aborted.ts';

interface Flight {
  readonly work: Promise<unknown>;
  /** The signal of the call that began the work. */
  readonly signal: AbortSignal | undefined;
}

/** Shares work between calls that need the same result at the same time. Results are not kept afterwards. */
export class SingleFlight {
  readonly #underWay = new Map<string, Flight>();

  /**
   * Joins the work that is under way for the same parts, or begins it. The signal of the call that began the work aborts
   * it. Calls that had joined then begin it again.
   * @param parts - everything that the result depends on
   */
  async do<T>(parts: unknown, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    const key = createHash('sha256').update(JSON.stringify(parts)).digest('base64');
    const others = this.#underWay.get(key);
    if (!others) {
      const own = work().finally(() => this.#underWay.delete(key));
      this.#underWay.set(key, { work: own, signal });
      return own;
    }
    try {
      return await unlessAborted(others.work as Promise<T>, signal);
    } catch (error) {
      if (others.signal?.aborted && !signal?.aborted) return this.do(parts, signal, work);
      throw error;
    }
  }
}
