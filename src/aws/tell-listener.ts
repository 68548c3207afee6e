import type { Logger } from '../host.ts';

/** What a listener throws, also later, is its own trouble, not that of whoever needs a token. */
export function tellListener(logger: Logger, listener: () => unknown): void {
  const report = (error: unknown): void =>
    logger.warn('a listener failed', { error: error instanceof Error ? error.message : String(error) });
  try {
    const result = listener();
    if (result instanceof Promise) result.catch(report);
  } catch (error) {
    report(error);
  }
}
