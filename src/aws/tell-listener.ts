import type { Logger } from '../host.ts';

/** What a listener throws is its own trouble, not that of whoever needs a token. */
export function tellListener(logger: Logger, listener: () => void): void {
  try {
    listener();
  } catch (error) {
    logger.warn('a listener failed', { error: error instanceof Error ? error.message : String(error) });
  }
}
