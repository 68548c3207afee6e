import type { Logger } from '../host.ts';

/**
 * Calls a function that a user of the library gave. What it throws, also later, goes to the logger and disturbs nothing.
 * @param facts - which call it was, for the log
 */
export function callListener(
  logger: Logger,
  listener: () => unknown,
  facts: Readonly<Record<string, unknown>> = {},
): void {
  const report = (error: unknown): void =>
    logger.warn('a listener failed', { ...facts, error: error instanceof Error ? error.message : String(error) });
  try {
    const result = listener();
    if (result instanceof Promise) result.catch(report);
  } catch (error) {
    report(error);
  }
}
