import { setImmediate as turn } from 'node:timers/promises';

/** How long a question may take: so many steps of so many milliseconds. */
const STEP_MS = 50;
const STEPS = 5;
/** An answer after so many steps is late: it is taken, and counts against the store. */
const LATE_STEPS = 3;

/** How a question ended. */
export type Timed<T> =
  | { readonly kind: 'answered'; readonly value: T; readonly late: boolean }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'silent' };

/**
 * Waits 250 ms for an answer. Time is counted in turns of this process's own timer, so that a process without CPU does not
 * take its own lateness for the silence of a store: what has arrived meanwhile is looked at before each step.
 */
export async function withinTime<T>(question: () => Promise<T>): Promise<Timed<T>> {
  let steps = 0;
  let timer: NodeJS.Timeout | undefined;
  const asked = (async () => question())().then(
    (value): Timed<T> => ({ kind: 'answered', value, late: steps >= LATE_STEPS }),
    (error: unknown): Timed<T> => ({ kind: 'failed', error }),
  );
  const silence = new Promise<Timed<T>>((resolve) => {
    const step = (): void => {
      steps += 1;
      if (steps < STEPS) timer = setTimeout(step, STEP_MS);
      else void turn().then(() => resolve({ kind: 'silent' }));
    };
    timer = setTimeout(step, STEP_MS);
  });
  try {
    return await Promise.race([asked, silence]);
  } finally {
    clearTimeout(timer);
  }
}
