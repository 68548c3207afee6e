import { commandOfNames, isTransparentCache, TOKEN_CACHE_SCRIPT } from '../../kubeconfig/read/other-caches.ts';
import { OUR_PLUGIN, readHints } from '../../plugin/plugin-hints.ts';
import { PORTABLE, PORTABLE_WORDS, programOf } from '../../plugin/portable-script.ts';
import { type AssignedCommand, readEnv, readShell, splitRunner } from './runners.ts';

/** The AWS command inside a stanza, after the wrappers that hand it on unchanged. */
export interface UnwrappedCommand {
  readonly tool: 'aws' | 'aws-iam-authenticator';
  /** The tool as the stanza names it, for example with its path. */
  readonly command: string;
  readonly args: readonly string[];
  /**
   * The words before the tool, if they start a program that gives the tool other credentials. Then only that program
   * can make the token.
   */
  readonly through?: readonly string[];
  /** Names of variables that the arguments of our own plugin declare as part of the identity. */
  readonly keyEnv?: readonly string[];
  /** Variables that a wrapper sets for the tool. They replace those of the stanza. */
  readonly assigned?: AssignedCommand['assigned'];
  /** The key file of encrypted entries that our own plugin was told, empty for the one in memory. */
  readonly encrypt?: string | undefined;
}

/** More nested wrappers than any real command has. */
const MAX_WRAPPERS = 16;

/** What the removed wrappers say about the command inside. */
interface Wrapping {
  readonly through: readonly string[];
  readonly keyEnv: readonly string[];
  readonly assigned: AssignedCommand['assigned'];
  readonly encrypt?: string | undefined;
}

/** A wrapper that was removed: the words inside, or the whole command where the wrapper makes it from names. */
interface Peeled extends Partial<Wrapping> {
  readonly inside?: readonly string[] | undefined;
  /** The command where the words inside are not recognised. */
  readonly named?: UnwrappedCommand | undefined;
}

/** @returns `undefined` where no AWS command is recognised with certainty */
export function unwrapCommand(command: string, args: readonly string[]): UnwrappedCommand | undefined {
  let words: readonly string[] | undefined = [command, ...args];
  let wrapping: Wrapping = { through: [], keyEnv: [], assigned: [] };
  let named: UnwrappedCommand | undefined;
  for (let count = 0; words !== undefined && words.length > 0; count += 1) {
    if (count > MAX_WRAPPERS) return undefined;
    const [first = '', ...rest]: readonly string[] = words;
    const program = programOf(words);
    if (program === 'aws' || program === 'aws-iam-authenticator') {
      return wrapped({ tool: program, command: first, args: rest }, wrapping);
    }
    const peeled: Peeled = peel(program, words);
    wrapping = {
      through: [...wrapping.through, ...(peeled.through ?? [])],
      // The outermost plugin decides, as it is the one that runs.
      keyEnv: wrapping.keyEnv.length > 0 ? wrapping.keyEnv : (peeled.keyEnv ?? []),
      assigned: [...wrapping.assigned, ...(peeled.assigned ?? [])],
      encrypt: wrapping.encrypt ?? peeled.encrypt,
    };
    named = peeled.named ? wrapped(peeled.named, wrapping) : named;
    words = peeled.inside;
  }
  return named;
}

function peel(program: string | typeof PORTABLE, [command = '', ...args]: readonly string[]): Peeled {
  switch (program) {
    case 'aws-vault':
      return peelVault(command, args);
    case TOKEN_CACHE_SCRIPT:
      return { named: fromNames(args) };
    case PORTABLE:
      return { inside: args.slice(PORTABLE_WORDS.length) };
    case OUR_PLUGIN: {
      const { keyEnv, encrypt, dashes, words } = readHints(args);
      return { keyEnv, encrypt, inside: words, named: dashes ? undefined : fromNames(words) };
    }
    case 'ekspress':
    case 'node':
      return { inside: behindToken(program === 'node' ? ourProgram(args) : args) };
    case 'env':
      return readEnv([command, ...args]) ?? {};
    case 'sh':
      return readShell([command, ...args]) ?? {};
    default:
      return isTransparentCache(program) ? { inside: args } : peelRunner([command, ...args]);
  }
}

/** `saml2aws exec -- aws …`, and other programs that run `aws` with other credentials. */
function peelRunner(words: readonly string[]): Peeled {
  const split = splitRunner(words);
  return split === undefined ? {} : { through: split.before, inside: split.inside };
}

/** `aws-vault exec <profile> [options] -- aws …` */
function peelVault(command: string, args: readonly string[]): Peeled {
  const separator = args.indexOf('--');
  if (args[0] !== 'exec' || separator === -1) return {};
  return { through: [command, ...args.slice(0, separator)], inside: args.slice(separator + 1) };
}

/** `token -- aws …`, the arguments of `ekspress` in a stanza that was written by hand. */
function behindToken(args: readonly string[] | undefined): readonly string[] | undefined {
  return args?.[0] === 'token' && args[1] === '--' ? args.slice(2) : undefined;
}

/** The arguments of our own program where Node runs it by its path, as on Windows. */
function ourProgram([path = '', ...args]: readonly string[]): readonly string[] | undefined {
  return /[\\/]ekspress[\\/]dist[\\/]cli[\\/]main\.js$/.test(path) ? args : undefined;
}

/** `<cluster> <region> [profile]` */
function fromNames(words: readonly string[]): UnwrappedCommand | undefined {
  if (words.length > 3 || words.some((word) => word.startsWith('-'))) return undefined;
  const named = commandOfNames(words);
  return named && { tool: 'aws', ...named };
}

function wrapped(command: UnwrappedCommand, { through, keyEnv, encrypt, assigned }: Wrapping): UnwrappedCommand {
  return {
    ...command,
    ...(through.length > 0 && { through }),
    ...(keyEnv.length > 0 && { keyEnv }),
    ...(encrypt !== undefined && { encrypt }),
    ...(assigned.length > 0 && { assigned }),
  };
}
