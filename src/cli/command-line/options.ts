/**
 * Contexts as the words of a command: all of them, those with a command, those whose command gets EKS tokens, and those that
 * have used ekspress.
 */
export type ContextChoices = 'contexts' | 'command-contexts' | 'eks-contexts' | 'applied-contexts';

/** The completions for a value: names in the kubeconfig, files of the KUBECONFIG list, or these words. */
export type Choices = ContextChoices | 'kubeconfigs' | readonly string[];

/** One option, as data. The reading of the command line, help and completion use it. */
export interface Option {
  /** The name of its value in help, for example `FILE`. Absent for a flag. */
  readonly value?: string;
  /** One letter. */
  readonly short?: string;
  /** Whether it may be given more than once. */
  readonly repeated?: true;
  /** The completions for its value. A list holds all allowed values. */
  readonly choices?: Choices;
  readonly help: string;
}

export type Options = Readonly<Record<string, Option>>;

/** The given values of the options. */
export type Values<O extends Options> = string extends keyof O ? Readonly<Record<string, unknown>> : Named<O>;

type Named<O extends Options> = {
  readonly [Name in keyof O]: O[Name] extends { repeated: true }
    ? readonly string[]
    : O[Name] extends { value: string }
      ? string | undefined
      : boolean;
};

/** Options with the same meaning for every command that honours them. They may stand before or after the command. */
export const GLOBAL_OPTIONS = {
  kubeconfig: {
    value: 'FILE',
    choices: 'kubeconfigs',
    help: 'read this file (-: stdin), not the KUBECONFIG list or ~/.kube/config',
  },
  context: { value: 'NAME', repeated: true, choices: 'contexts', help: 'only this context; also as plain words' },
  output: { value: 'FORMAT', short: 'o', choices: ['table', 'json', 'yaml'], help: 'table (default), json or yaml' },
  debug: { help: 'log every step to stderr (also EKSPRESS_DEBUG=1)' },
  help: { short: 'h', help: 'show this text' },
  version: { short: 'V', help: 'show the version' },
} as const;

/** The global options that only some commands honour. */
export type GlobalName = 'kubeconfig' | 'context' | 'output';

/** All global options of a command, which honours these optional ones. */
export function globalOptions(honoured: readonly GlobalName[]): Options {
  const optional: readonly string[] = ['kubeconfig', 'context', 'output'] satisfies GlobalName[];
  const names: readonly string[] = honoured;
  return Object.fromEntries(
    Object.entries(GLOBAL_OPTIONS).filter(([name]) => names.includes(name) || !optional.includes(name)),
  );
}
