import { onAbort } from './link-signals.ts';

/**
 * Waits for `work`, but no longer than until `signal` aborts: then this waiter alone is rejected with the signal's
 * reason, and the work goes on for the others.
 */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise<T>((resolve, reject) => {
    const callOff = onAbort(signal, () => reject(signal.reason));
    work.then(resolve, reject).finally(callOff);
  });
}
