import { setMaxListeners } from 'node:events';
import { onAbort } from '../../system/link-signals.ts';

/** The streams of a cluster (watches, web sockets, logs), so that all of them can be ended. */
export class OpenStreams {
  /** Each watch with a function to call when another connection has fallen silent. */
  readonly #watches = new Map<AbortController, () => void>();
  readonly #others = new Set<() => void>();
  /** Made for the first informer: most clusters of a fleet have none. */
  #closing: AbortController | undefined;
  #timesEnded = 0;
  #closed = false;

  /** Aborts when all streams are ended. */
  get closing(): AbortSignal {
    if (this.#closing === undefined) {
      this.#closing = new AbortController();
      // Any number of informers may listen.
      setMaxListeners(0, this.#closing.signal);
      if (this.#closed) this.#closing.abort();
    }
    return this.#closing.signal;
  }

  /**
   * Call before a watch connects. Call the result with the AbortController of the connection. The connection is aborted
   * if watches were ended meanwhile.
   */
  watching(): (controller: AbortController, doubt: () => void) => void {
    const count = this.#timesEnded;
    return (controller, doubt) => {
      this.#watches.set(controller, doubt);
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
    for (const controller of [...this.#watches.keys()]) controller.abort();
  }

  /** Called when another connection has fallen silent. Watches that are silent, too, are opened again. */
  doubtWatches(): void {
    for (const doubt of [...this.#watches.values()]) doubt();
  }

  /** Ends all streams. Streams that are opened later end at once. */
  close(): void {
    this.#closed = true;
    this.#closing?.abort();
    this.endWatches();
    for (const end of [...this.#others]) end();
  }
}
