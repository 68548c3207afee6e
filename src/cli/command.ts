import type { Environment, Logger } from '../host.ts';

/** What the global options say, wherever they stand on the command line. */
export interface GlobalOptions {
  /** `--kubeconfig`: instead of the KUBECONFIG list. */
  readonly kubeconfig?: string | undefined;
  /** `-o`: how results are printed. */
  readonly output: OutputFormat;
  readonly debug: boolean;
}

export type OutputFormat = 'table' | 'json' | 'yaml';

/** What a command may touch of the process that runs it. */
export interface Terminal {
  readonly env: Environment;
  readonly logger: Logger;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal;
  readonly options: GlobalOptions;
  /** Where `out` leads. */
  readonly screen: Screen;
  /** Where `err` leads. */
  readonly errorScreen: Screen;
  /** Whether a person is there who can answer. */
  readonly interactive: boolean;
}

/** What a stream can show. */
export interface Screen {
  /** A terminal, where things may move. */
  readonly live: boolean;
  readonly colour: boolean;
  /** Width in characters; off a terminal without a limit. */
  readonly columns: number;
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

/** Ctrl-C at a question: exit status 130. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** The answer to a question was no: said in a line, exit status 1. */
export class Declined extends Error {
  override readonly name = 'Declined';
}
