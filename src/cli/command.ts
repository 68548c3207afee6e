import type { Environment, Logger } from '../host.ts';

/** What a command may touch of the process that runs it. */
export interface Terminal {
  readonly env: Environment;
  readonly logger: Logger;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal;
}

/** One command of `ekspress`, as data: the table of them is the help. */
export interface Command {
  readonly name: string;
  /** One line for the overview. */
  readonly summary: string;
  /** The text of `ekspress <name> --help`. */
  readonly help: string;
  /** @returns the exit status */
  run(words: readonly string[], terminal: Terminal): Promise<number>;
}

/** Exit statuses that scripts can rely on. */
export const EXIT = { ok: 0, failure: 1, usage: 2, interrupted: 130 } as const;

/** The user's mistake on the command line: shown with the way to the help, exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
