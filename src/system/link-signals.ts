/** The callbacks that wait for one signal. */
interface Waiting {
  readonly callbacks: Set<() => void>;
  /** The one listener on the signal. */
  readonly listener: () => void;
}

/** The waiting callbacks of each signal. */
const waitingFor = new WeakMap<AbortSignal, Waiting>();

/**
 * Calls `callback` when a signal aborts, or at once if it has aborted. All callbacks of a signal share one listener: Node
 * warns of a leak when a signal has more than ten. The listener is removed with the last callback, so that a signal which
 * lives as long as the process holds no memory of earlier callbacks.
 * @returns a function that removes the callback
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  if (signal.aborted) {
    callback();
    return () => undefined;
  }
  // A new function, as the same callback may be registered twice.
  const own = (): void => callback();
  const waiting = waitingFor.get(signal) ?? listenTo(signal);
  waiting.callbacks.add(own);
  return () => {
    if (!waiting.callbacks.delete(own) || waiting.callbacks.size > 0) return;
    signal.removeEventListener('abort', waiting.listener);
    waitingFor.delete(signal);
  };
}

function listenTo(signal: AbortSignal): Waiting {
  const callbacks = new Set<() => void>();
  const listener = (): void => {
    waitingFor.delete(signal);
    const all = [...callbacks];
    callbacks.clear();
    for (const callback of all) callback();
  };
  const waiting = { callbacks, listener };
  waitingFor.set(signal, waiting);
  signal.addEventListener('abort', listener, { once: true });
  return waiting;
}

/** One signal that stands for several. */
export interface LinkedSignal {
  readonly signal: AbortSignal;
  /** Stops listening to the other signals and stops the timer. */
  unlink(): void;
}

/**
 * A signal that aborts when the first of others aborts, or with a `TimeoutError` after a time. AbortSignal.any() is not
 * used: Node may collect its signal as garbage while callers still wait for it.
 * @param timeoutMs - milliseconds; undefined: no limit
 */
export function linkSignals(signals: readonly (AbortSignal | undefined)[], timeoutMs?: number): LinkedSignal {
  const controller = new AbortController();
  const late = (): void => controller.abort(new DOMException('it took too long', 'TimeoutError'));
  const timer = timeoutMs === undefined ? undefined : setTimeout(late, timeoutMs);
  const removers = signals.map((signal) => signal && onAbort(signal, () => controller.abort(signal.reason)));
  return {
    signal: controller.signal,
    unlink() {
      clearTimeout(timer);
      for (const remove of removers) remove?.();
    },
  };
}
