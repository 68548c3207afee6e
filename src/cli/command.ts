import type { Environment, Logger } from '../host.ts';
import type { Choices, GlobalName, Options, Values } from './command-line/options.ts';

/** What the global options say, wherever they stand on the command line. */
export interface GlobalOptions {
  /** `--kubeconfig`: instead of the KUBECONFIG list. */
  readonly kubeconfig?: string | undefined;
  /** `--context`: only these. */
  readonly contexts: readonly string[];
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

/** One command of `ekspress`, as data: its help, the reading of its line and its completion are made of it. */
export interface Command<O extends Options = Options> {
  readonly name: string;
  /** One line, for the overview too. */
  readonly summary: string;
  /** What may follow the name, one line for each form. */
  readonly usage: readonly string[];
  readonly options: O;
  /** The global options that it honours. */
  readonly globals: readonly GlobalName[];
  /** Whether what follows `--` is the command line of another program. */
  readonly program?: true;
  /** What a shell offers as its next word, after these. */
  readonly choices?: (words: readonly string[]) => Choices;
  /** Paragraphs of the help, below its options. */
  readonly about?: readonly string[];
  /** Words that the help explains. */
  readonly terms?: readonly { readonly title: string; readonly rows: readonly (readonly [string, string])[] }[];
  readonly examples?: readonly string[];
  /** @returns the exit status */
  run(line: Line<O>, terminal: Terminal): Promise<number>;
}

/** What was typed for a command. */
export interface Line<O extends Options = Options> {
  readonly values: Values<O>;
  /** What is not an option. */
  readonly words: readonly string[];
  /** What follows `--`, for a command that takes a program. */
  readonly program?: readonly string[];
}

/** A command whose `run` gets the values of exactly its options. */
export function defineCommand<const O extends Options>(command: Command<O>): Command {
  // The values of a line are read by these very options.
  return command as unknown as Command;
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
