/** The arguments of the ekspress plugin: hints, then the original command. */
export interface PluginHints {
  /** Names of variables that are part of the identity, in the order in which they were given. */
  readonly keyEnv: readonly string[];
  /** The key file of encrypted entries, empty for the one in memory. Undefined: entries are plain. */
  readonly encrypt?: string | undefined;
  /** Whether `--` stands before the command. Then the command may be any ExecCredential plugin. */
  readonly dashes: boolean;
  /** The original command. */
  readonly words: readonly string[];
}

/** The file name of the installed script. */
export const OUR_PLUGIN = 'ekspress-exec';

const HINT = '--key-env';
const ENCRYPT = '--encrypt';
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The hints as arguments. A command that gets EKS tokens usually has none. */
export function writeHints({ keyEnv, encrypt, dashes }: Omit<PluginHints, 'words'>): readonly string[] {
  return [
    ...(encrypt === undefined ? [] : [encrypt === '' ? ENCRYPT : `${ENCRYPT}=${encrypt}`]),
    ...(keyEnv.length > 0 ? [HINT, keyEnv.join(',')] : []),
    ...(dashes ? ['--'] : []),
  ];
}

/** Whether the text can be the name of a shell variable. */
export function isVariableName(name: string): boolean {
  return NAME.test(name);
}

/**
 * Parses `[--encrypt[=FILE]] [--key-env NAME[,NAME…]]… [--] command …`. The command begins at the first word that is not such
 * a hint.
 */
export function readHints(args: readonly string[]): PluginHints {
  const names = new Set<string>();
  let encrypt: string | undefined;
  let at = 0;
  for (;;) {
    const [word = '', next] = args.slice(at, at + 2);
    if (word === ENCRYPT || word.startsWith(`${ENCRYPT}=`)) {
      encrypt = word.slice(ENCRYPT.length + 1);
      at += 1;
      continue;
    }
    const attached = word.startsWith(`${HINT}=`);
    const value = attached ? word.slice(HINT.length + 1) : word === HINT ? next : undefined;
    const listed = value?.split(',') ?? [];
    if (listed.length === 0 || !listed.every((name) => NAME.test(name))) break;
    for (const name of listed) names.add(name);
    at += attached ? 1 : 2;
  }
  const dashes = args[at] === '--';
  const words = args.slice(dashes ? at + 1 : at);
  return { keyEnv: [...names], ...(encrypt !== undefined && { encrypt }), dashes, words };
}
