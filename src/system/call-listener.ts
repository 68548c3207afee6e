import type { Logger } from '../host.ts';

/**
 * Calls a listener that a user of the library gave. If it throws or rejects, the error goes to the logger only.
 * @param facts - describes the call in the log
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
