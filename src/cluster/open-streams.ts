import { onAbort } from '../system/link-signals.ts';

/** What lasts in a cluster's name (watches, web sockets, logs), so that all of it can be ended. */
export class OpenStreams {
  readonly #watches = new Set<AbortController>();
  readonly #others = new Set<() => void>();
  #timesEnded = 0;
  #closed = false;

  /** Told of a watch that begins to connect. @returns what to tell of its connection: one that is out of date by then ends */
  watching(): (controller: AbortController) => void {
    const count = this.#timesEnded;
    return (controller) => {
      this.#watches.add(controller);
      onAbort(controller.signal, () => this.#watches.delete(controller));
      if (this.#closed) controller.abort();
      // Not before client-node has taken note of this connection.
      else if (count !== this.#timesEnded) setImmediate(() => controller.abort());
    };
  }

  /** Told how to end something else that has begun. @returns what to call when it has ended by itself */
  opened(end: () => void): () => void {
    if (this.#closed) end();
    else this.#others.add(end);
    return () => void this.#others.delete(end);
  }

  /** Ends those that run, and those that are connecting. */
  endWatches(): void {
    this.#timesEnded += 1;
    for (const controller of [...this.#watches]) controller.abort();
  }

  /** Ends everything, and whatever begins from now on. */
  close(): void {
    this.#closed = true;
    this.endWatches();
    for (const end of [...this.#others]) end();
  }
}
