/**
 * Whether a caller waits for the result of some work. Work that is done ahead of time becomes urgent when a caller
 * begins to wait.
 */
export class Urgency {
  #raised: boolean;
  readonly #callbacks = new Set<() => void>();

  constructor(raised = false) {
    this.#raised = raised;
  }

  get isRaised(): boolean {
    return this.#raised;
  }

  /** A caller waits from now on. */
  raise(): void {
    this.#raised = true;
    for (const callback of this.#callbacks) callback();
    this.#callbacks.clear();
  }

  /**
   * Calls `callback` once when a caller waits, at once where one does already.
   * @returns a function that removes the callback
   */
  onRaised(callback: () => void): () => void {
    if (this.#raised) {
      callback();
      return () => undefined;
    }
    const own = (): void => callback();
    this.#callbacks.add(own);
    return () => this.#callbacks.delete(own);
  }
}
