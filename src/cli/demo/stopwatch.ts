/** Runs `work` and measures its time in milliseconds. */
export async function timed<T>(work: () => Promise<T> | T): Promise<{ readonly value: T; readonly ms: number }> {
  const start = performance.now();
  const value = await work();
  return { value, ms: performance.now() - start };
}

/** The median of several runs, in milliseconds. */
export async function medianMs(runs: number, work: () => Promise<unknown> | unknown): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < runs; run += 1) times.push((await timed(work)).ms);
  times.sort((a, b) => a - b);
  return times[Math.floor(times.length / 2)] ?? 0;
}

/** A duration in a readable unit: `780 ms`, `1.6 ms`, `38 µs`. */
export function duration(ms: number): string {
  if (ms >= 10) return `${Math.round(ms)} ms`;
  if (ms >= 0.1) return `${ms.toFixed(1)} ms`;
  return `${Math.max(0.1, ms * 1000).toFixed(ms < 0.01 ? 1 : 0)} µs`;
}
