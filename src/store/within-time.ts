import { setImmediate as turn } from 'node:timers/promises';

/** The time limit of a question, in steps of this many milliseconds. */
const STEP_MS = 50;
const STEPS = 5;
/** From this step on an answer is late: it is used, but counts against the store. */
const LATE_STEPS = 3;

/** How a question ended. */
export type Timed<T> =
  | { readonly kind: 'answered'; readonly value: T; readonly late: boolean }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'silent' };

/**
 * Waits 250 ms for an answer. The time is counted in turns of this process's own timer, so that a process without CPU
 * time does not mistake its own delay for a silent store: answers that have arrived are read before each step.
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
