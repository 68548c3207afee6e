import type { Logger } from '../../host.ts';

/**
 * The warnings that users see without --debug, in words. All other warnings are part of a command's result or of the
 * failure that ends it.
 */
const IN_WORDS: Readonly<Record<string, (values: Readonly<Record<string, unknown>>) => string>> = {
  'an EKS cluster will refuse this token': ({ objection }) => `an EKS cluster will refuse this token: ${objection}`,
  'the renewed SSO login could not be saved; log in again when it ends': ({ file }) =>
    `the renewed SSO login could not be saved in ${file}; log in again when it ends`,
};

/** The logger of a command without --debug. It shows no lines of the log, only a few warnings in words. */
export function quietLogger(err: (text: string) => void): Logger {
  const quiet = (): void => undefined;
  return {
    debug: quiet,
    info: quiet,
    warn: (event, values) => {
      const words = IN_WORDS[event]?.(Object(values) as Record<string, unknown>);
      if (words !== undefined) err(`ekspress: ${words}\n`);
    },
    error: quiet,
  };
}
