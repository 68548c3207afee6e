/** What a shell offers in place of a value: names out of the kubeconfig, files of the KUBECONFIG list, or these words. */
export type Choices = 'contexts' | 'kubeconfigs' | readonly string[];

/** One option, as data: the command line is read by it, and help and completion are made of it. */
export interface Option {
  /** What help calls its value, for example `FILE`; a flag has none. */
  readonly value?: string;
  /** One letter. */
  readonly short?: string;
  /** Whether it may be given more than once. */
  readonly repeated?: true;
  /** What a shell offers as its value; a list holds all values that there are. */
  readonly choices?: Choices;
  readonly help: string;
}

export type Options = Readonly<Record<string, Option>>;

/** What was given for each option. */
export type Values<O extends Options> = string extends keyof O ? Readonly<Record<string, unknown>> : Named<O>;

type Named<O extends Options> = {
  readonly [Name in keyof O]: O[Name] extends { repeated: true }
    ? readonly string[]
    : O[Name] extends { value: string }
      ? string | undefined
      : boolean;
};

/** Options that mean the same wherever a command honours them, before the command or after it. */
export const GLOBAL_OPTIONS = {
  kubeconfig: {
    value: 'FILE',
    choices: 'kubeconfigs',
    help: 'read this file, not the KUBECONFIG list or ~/.kube/config',
  },
  context: { value: 'NAME', repeated: true, choices: 'contexts', help: 'only this context; also as plain words' },
  output: { value: 'FORMAT', short: 'o', choices: ['table', 'json', 'yaml'], help: 'table (default), json or yaml' },
  debug: { help: 'say on stderr what is done and why (also EKS_TOKEN_DEBUG=1)' },
  help: { short: 'h', help: 'show this text' },
  version: { help: 'show the version' },
} as const satisfies Options;

/** A global option that some commands honour and others do not; all honour the rest. */
export type GlobalName = 'kubeconfig' | 'context' | 'output';

/** The global options of a command that honours these. */
export function globalOptions(honoured: readonly GlobalName[]): Options {
  const optional: readonly string[] = ['kubeconfig', 'context', 'output'] satisfies GlobalName[];
  const names: readonly string[] = honoured;
  return Object.fromEntries(
    Object.entries(GLOBAL_OPTIONS).filter(([name]) => names.includes(name) || !optional.includes(name)),
  );
}
