import { onAbort } from '../../system/link-signals.ts';

/** What lasts in a cluster's name (watches, web sockets, logs), so that all of it can be ended. */
export class OpenStreams {
  readonly #watches = new Set<AbortController>();
  readonly #others = new Set<() => void>();
  #timesEnded = 0;
  #closed = false;

  /**
   * Call before a watch connects. Call the result with the AbortController of the connection. The connection is aborted
   * if watches were ended meanwhile.
   */
  watching(): (controller: AbortController) => void {
    const count = this.#timesEnded;
    return (controller) => {
      this.#watches.add(controller);
      onAbort(controller.signal, () => this.#watches.delete(controller));
      if (this.#closed) controller.abort();
      // Deferred until client-node has stored this connection.
      else if (count !== this.#timesEnded) setImmediate(() => controller.abort());
    };
  }

  /** Call after opening another stream, with a function that ends it. Call the result when it has ended by itself. */
  opened(end: () => void): () => void {
    if (this.#closed) end();
    else this.#others.add(end);
    return () => void this.#others.delete(end);
  }

  /** Ends the open watches, and those that are connecting. */
  endWatches(): void {
    this.#timesEnded += 1;
    for (const controller of [...this.#watches]) controller.abort();
  }

  /** Ends all streams. Streams that are opened later end at once. */
  close(): void {
    this.#closed = true;
    this.endWatches();
    for (const end of [...this.#others]) end();
  }
}
