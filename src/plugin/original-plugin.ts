import { OUR_PLUGIN, readHints } from './plugin-hints.ts';
import { PORTABLE, PORTABLE_WORDS, programOf } from './portable-script.ts';

/** A command that prints an ExecCredential. */
export interface PluginCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** Names of variables that the arguments of our own plugin declare as part of the identity. */
  readonly keyEnv: readonly string[];
  /** The key file of encrypted entries, empty for the one in memory. */
  readonly encrypt?: string | undefined;
}

/** The command of a stanza before `ekspress apply` put ours in front of it. Any other command is returned as it is. */
export function originalPlugin(command: string, args: readonly string[]): PluginCommand {
  const portable = programOf([command, ...args]) === PORTABLE;
  const [first = command, ...rest] = portable ? args.slice(PORTABLE_WORDS.length) : [command, ...args];
  if (programOf([first]) !== OUR_PLUGIN) return { command: first, args: rest, keyEnv: [] };
  const { keyEnv, encrypt, words } = readHints(rest);
  const [inside, ...its] = words;
  return inside === undefined
    ? { command: first, args: rest, keyEnv: [] }
    : { command: inside, args: its, keyEnv, encrypt };
}
