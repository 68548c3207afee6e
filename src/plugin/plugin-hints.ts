/** The arguments of the ekspress plugin: hints, then the original command. */
export interface PluginHints {
  /** The path of {@link PROGRAM_FILE}, where the stanza names it: the plugin on Windows is a copy of Node, which runs that file. */
  readonly program?: string | undefined;
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

/** The file name of the JavaScript that the installed copy of Node runs on Windows. */
export const PROGRAM_FILE = 'ekspress-exec.cjs';

const HINT = '--key-env';
const ENCRYPT = '--encrypt';
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The hints as arguments. A command that gets EKS tokens usually has none. */
export function writeHints({ keyEnv, encrypt, dashes }: Omit<PluginHints, 'words' | 'program'>): readonly string[] {
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
 * Parses `[…\ekspress-exec.cjs] [--encrypt[=FILE]] [--key-env NAME[,NAME…]]… [--] command …`. The command begins at the first
 * word that is not such a hint.
 */
export function readHints(args: readonly string[]): PluginHints {
  const names = new Set<string>();
  let encrypt: string | undefined;
  const [first = ''] = args;
  const program = isProgramFile(first) ? first : undefined;
  let at = program === undefined ? 0 : 1;
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
  return {
    ...(program !== undefined && { program }),
    keyEnv: [...names],
    ...(encrypt !== undefined && { encrypt }),
    dashes,
    words,
  };
}

function isProgramFile(path: string): boolean {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1) === PROGRAM_FILE;
}
