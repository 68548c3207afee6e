import { onAbort } from './link-signals.ts';

/**
 * Waits for `work` until `signal` aborts. Then the returned promise rejects with the signal's reason. The work itself
 * goes on for other waiters.
 */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise<T>((resolve, reject) => {
    const callOff = onAbort(signal, () => reject(signal.reason));
    work.then(resolve, reject).finally(callOff);
  });
}
