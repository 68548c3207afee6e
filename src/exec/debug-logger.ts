import type { Logger } from '../host.ts';

/** With `EKS_TOKEN_DEBUG=1` every step goes to stderr as one `[DEBUG]` line; otherwise nothing is said. */
export function debugLogger(enabled: boolean, write: (line: string) => void): Logger {
  const say = (message: string, ...details: unknown[]): void => {
    if (!enabled) return;
    const rest = details.map((detail) => (typeof detail === 'string' ? detail : JSON.stringify(detail)));
    write(`[DEBUG] ${[message, ...rest].join(' ')}\n`);
  };
  return { debug: say, info: say, warn: say, error: say };
}
