/** The arguments of the ekspress plugin: hints, then the original command. */
export interface PluginHints {
  /** Names of variables that are part of the identity, in the order in which they were given. */
  readonly keyEnv: readonly string[];
  /** Whether `--` stands before the command. Then the command may be any ExecCredential plugin. */
  readonly dashes: boolean;
  /** The original command. */
  readonly words: readonly string[];
}

/** The file name of the installed script. */
export const OUR_PLUGIN = 'ekspress-exec';

const HINT = '--key-env';
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The hints as arguments. A command that gets EKS tokens usually has none. */
export function writeHints(hints: Pick<PluginHints, 'keyEnv' | 'dashes'>): readonly string[] {
  return [...(hints.keyEnv.length > 0 ? [HINT, hints.keyEnv.join(',')] : []), ...(hints.dashes ? ['--'] : [])];
}

/** Whether the text can be the name of a shell variable. */
export function isVariableName(name: string): boolean {
  return NAME.test(name);
}

/** Parses `[--key-env NAME[,NAME…]]… [--] command …`. The command begins at the first word that is not such a hint. */
export function readHints(args: readonly string[]): PluginHints {
  const names = new Set<string>();
  let at = 0;
  for (;;) {
    const [word = '', next] = args.slice(at, at + 2);
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
