/**
 * Waits for `work`, but no longer than until `signal` aborts: then this waiter alone is rejected with the signal's
 * reason, and the work goes on for the others.
 */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** One signal for several. */
export interface LinkedSignal {
  readonly signal: AbortSignal;
  /** Listens to none of them any more. */
  unlink(): void;
}

/** A signal that aborts with the first of others. (Node may collect one of AbortSignal.any() while it is waited for.) */
export function linkSignals(...signals: readonly (AbortSignal | undefined)[]): LinkedSignal {
  const controller = new AbortController();
  const undo = signals.map((signal) => {
    const abort = (): void => controller.abort(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    return () => signal?.removeEventListener('abort', abort);
  });
  return { signal: controller.signal, unlink: () => undo.forEach((one) => void one()) };
}
