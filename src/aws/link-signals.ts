/** One signal for several. */
export interface LinkedSignal {
  readonly signal: AbortSignal;
  /** Listens to none of them any more, and lets the time pass. */
  unlink(): void;
}

/**
 * A signal that aborts with the first of others, or with a `TimeoutError` after a time. Held by what it listens to and by
 * its own timer: Node may collect what AbortSignal.any() makes while somebody still waits for it.
 * @param timeoutMs milliseconds; undefined: no end
 */
export function linkSignals(signals: readonly (AbortSignal | undefined)[], timeoutMs?: number): LinkedSignal {
  const controller = new AbortController();
  const late = (): void => controller.abort(new DOMException('it took too long', 'TimeoutError'));
  const timer = timeoutMs === undefined ? undefined : setTimeout(late, timeoutMs);
  const undo = signals.map((signal) => {
    const abort = (): void => controller.abort(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    return () => signal?.removeEventListener('abort', abort);
  });
  return {
    signal: controller.signal,
    unlink() {
      clearTimeout(timer);
      for (const remove of undo) remove();
    },
  };
}
