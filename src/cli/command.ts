import type { Environment, Logger } from '../host.ts';
import type { Choices, GlobalName, Options, Values } from './command-line/options.ts';

/** The values of the global options. */
export interface GlobalOptions {
  /** `--kubeconfig`: replaces the KUBECONFIG list. */
  readonly kubeconfig?: string | undefined;
  /** `--context`: the only contexts to use. */
  readonly contexts: readonly string[];
  /** `-o`: the format of results. */
  readonly output: OutputFormat;
  readonly debug: boolean;
}

export type OutputFormat = 'table' | 'json' | 'yaml';

/** The parts of the process that a command may use. */
export interface Terminal {
  readonly env: Environment;
  readonly logger: Logger;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal;
  readonly options: GlobalOptions;
  /** The screen of `out`. */
  readonly screen: Screen;
  /** The screen of `err`. */
  readonly errorScreen: Screen;
  /** Whether a user can answer questions. */
  readonly interactive: boolean;
}

/** The abilities of an output stream. */
export interface Screen {
  /** Whether it is a terminal, on which text can be replaced. */
  readonly live: boolean;
  readonly colour: boolean;
  /** Width in characters. Infinite if it is not a terminal. */
  readonly columns: number;
}

/** The headings of the overview, in this order. */
export const COMMAND_GROUPS = ['kubectl through ekspress', 'Who you are', 'Tokens', 'Other'] as const;

export type CommandGroup = (typeof COMMAND_GROUPS)[number];

/** One command of `ekspress`, as data. Its help, the reading of its line and its completion use it. */
export interface Command<O extends Options = Options> {
  readonly name: string;
  /** Its place in the overview. Absent for an alias and for what only a page explains. */
  readonly group?: CommandGroup;
  /** One line, for the overview too. */
  readonly summary: string;
  /** The words after the name, one line for each form. */
  readonly usage: readonly string[];
  readonly options: O;
  /** The global options that it honours. */
  readonly globals: readonly GlobalName[];
  /** For options that other tools have, by their names: a sentence that leads to what this command takes in their place. */
  readonly instead?: Readonly<Record<string, string>>;
  /** Whether what follows `--` is the command line of another program. */
  readonly program?: true;
  /** The completions for its next word, after these words. */
  readonly choices?: (words: readonly string[]) => Choices;
  /** Paragraphs of the help, below its options. */
  readonly about?: readonly string[];
  /** Words that the help explains. */
  readonly terms?: readonly { readonly title: string; readonly rows: readonly (readonly [string, string])[] }[];
  readonly examples?: readonly string[];
  /** @returns the exit status */
  run(line: Line<O>, terminal: Terminal): Promise<number>;
}

/** The parsed command line of a command. */
export interface Line<O extends Options = Options> {
  readonly values: Values<O>;
  /** The words that are not options. */
  readonly words: readonly string[];
  /** The words after `--`, for a command that takes a program. */
  readonly program?: readonly string[];
}

/** A command whose `run` gets the values of exactly its options. */
export function defineCommand<const O extends Options>(command: Command<O>): Command {
  // The values of a line are read with exactly these options.
  return command as unknown as Command;
}

/** Exit statuses that scripts can rely on. */
export const EXIT = { ok: 0, failure: 1, usage: 2, interrupted: 130 } as const;

/** A mistake on the command line. It is shown with the command for help. Exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Ctrl-C at a question: exit status 130. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** The user has answered a question with no. Exit status 1. */
export class Declined extends Error {
  override readonly name = 'Declined';
}
