import type { Logger } from '../../host.ts';

/**
 * The warnings of the log that no result of a command tells, as they are put to a person. All others stand in the result
 * or in the failure that ends the command.
 */
const IN_WORDS: Readonly<Record<string, (values: Readonly<Record<string, unknown>>) => string>> = {
  'an EKS cluster will refuse this token': ({ objection }) => `an EKS cluster will refuse this token: ${objection}`,
  'the renewed SSO login could not be saved; log in again when it ends': ({ file }) =>
    `the renewed SSO login could not be saved in ${file}; log in again when it ends`,
};

/** The log of a command without --debug: no line of it is shown, and what a person has to know is said in words. */
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
