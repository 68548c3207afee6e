/** What stands before the original command in the arguments of our own plugin. */
export interface PluginHints {
  /** Names of variables that are part of the identity, in the order given. */
  readonly keyEnv: readonly string[];
  /** Whether `--` separates them from the command: then it may be any ExecCredential plugin. */
  readonly dashes: boolean;
  /** The original command. */
  readonly words: readonly string[];
}

const HINT = '--key-env';
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The words that say so: of a command that gets EKS tokens nothing is said unless it has to be. */
export function writeHints(hints: Pick<PluginHints, 'keyEnv' | 'dashes'>): readonly string[] {
  return [...(hints.keyEnv.length > 0 ? [HINT, hints.keyEnv.join(',')] : []), ...(hints.dashes ? ['--'] : [])];
}

/** Whether a shell takes it for the name of a variable. */
export function isVariableName(name: string): boolean {
  return NAME.test(name);
}

/** `[--key-env NAME[,NAME…]]… [--] command …`; what is no hint of this form begins the command. */
export function readHints(args: readonly string[]): PluginHints {
  const names = new Set<string>();
  let at = 0;
  for (;;) {
    const [word = '', next] = args.slice(at);
    const attached = word.startsWith(`${HINT}=`);
    const value = attached ? word.slice(HINT.length + 1) : word === HINT ? next : undefined;
    const listed = value?.split(',') ?? [];
    if (listed.length === 0 || !listed.every((name) => NAME.test(name))) break;
    for (const name of listed) names.add(name);
    at += attached ? 1 : 2;
  }
  const dashes = args[at] === '--';
  return { keyEnv: [...names], dashes, words: args.slice(dashes ? at + 1 : at) };
}
