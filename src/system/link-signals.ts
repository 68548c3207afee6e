/** What waits for one signal. */
interface Waiting {
  readonly told: Set<() => void>;
  /** The one listener on the signal. */
  readonly listener: () => void;
}

/** By signal, as long as something waits for it. */
const waitingFor = new WeakMap<AbortSignal, Waiting>();

/**
 * Calls `told` when a signal aborts, or at once if it has. However many wait, the signal has one listener: Node warns of
 * a leak from the eleventh on. With the last that is called off the listener goes, so that a signal which lives as long as
 * the process keeps nothing of what once waited for it.
 * @returns how to call it off
 */
export function onAbort(signal: AbortSignal, told: () => void): () => void {
  if (signal.aborted) {
    told();
    return () => undefined;
  }
  // A function of its own: the same one may wait twice.
  const own = (): void => told();
  const waiting = waitingFor.get(signal) ?? listenTo(signal);
  waiting.told.add(own);
  return () => {
    if (!waiting.told.delete(own) || waiting.told.size > 0) return;
    signal.removeEventListener('abort', waiting.listener);
    waitingFor.delete(signal);
  };
}

function listenTo(signal: AbortSignal): Waiting {
  const told = new Set<() => void>();
  const listener = (): void => {
    waitingFor.delete(signal);
    const all = [...told];
    told.clear();
    for (const one of all) one();
  };
  const waiting = { told, listener };
  waitingFor.set(signal, waiting);
  signal.addEventListener('abort', listener, { once: true });
  return waiting;
}

/** One signal for several. */
export interface LinkedSignal {
  readonly signal: AbortSignal;
  /** Listens to none of them any more, and lets the time pass. */
  unlink(): void;
}

/**
 * A signal that aborts with the first of others, or with a `TimeoutError` after a time. Held by what it listens to and by
 * its own timer: Node may collect what AbortSignal.any() makes while it is still waited for.
 * @param timeoutMs milliseconds; undefined: no end
 */
export function linkSignals(signals: readonly (AbortSignal | undefined)[], timeoutMs?: number): LinkedSignal {
  const controller = new AbortController();
  const late = (): void => controller.abort(new DOMException('it took too long', 'TimeoutError'));
  const timer = timeoutMs === undefined ? undefined : setTimeout(late, timeoutMs);
  const undo = signals.map((signal) => signal && onAbort(signal, () => controller.abort(signal.reason)));
  return {
    signal: controller.signal,
    unlink() {
      clearTimeout(timer);
      for (const callOff of undo) callOff?.();
    },
  };
}
