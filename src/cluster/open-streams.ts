/** What lasts in a cluster's name (watches, web sockets, logs), so that all of it can be ended. */
export class OpenStreams {
  readonly #watches = new Set<AbortController>();
  readonly #others = new Set<() => void>();
  #closed = false;

  /** Told of a watch that has begun. */
  watching(controller: AbortController): void {
    if (this.#closed) controller.abort();
    else this.#watches.add(controller);
    controller.signal.addEventListener('abort', () => this.#watches.delete(controller), { once: true });
  }

  /** Told how to end something else that has begun. @returns what to call when it has ended by itself */
  opened(end: () => void): () => void {
    if (this.#closed) end();
    else this.#others.add(end);
    return () => void this.#others.delete(end);
  }

  endWatches(): void {
    for (const controller of [...this.#watches]) controller.abort();
  }

  /** Ends everything, and whatever begins from now on. */
  close(): void {
    this.#closed = true;
    this.endWatches();
    for (const end of [...this.#others]) end();
  }
}
