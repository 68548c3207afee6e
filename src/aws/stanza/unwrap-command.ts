import { commandOfNames, isTransparentCache, TOKEN_CACHE_SCRIPT } from '../../kubeconfig/read/other-caches.ts';
import { readHints } from '../../plugin/plugin-hints.ts';
import { isPortable, PORTABLE_WORDS, programName } from '../../plugin/portable-script.ts';

/** The AWS command inside a stanza, after the wrappers that hand it on unchanged. */
export interface UnwrappedCommand {
  readonly tool: 'aws' | 'aws-iam-authenticator';
  /** The tool as the stanza names it, for example with its path. */
  readonly command: string;
  readonly args: readonly string[];
  /**
   * The words before the tool, where they are a program that gives the tool credentials of its own: then only that
   * program can make the token.
   */
  readonly through?: readonly string[];
  /** Names of variables that our own plugin was told to take for part of the identity. */
  readonly keyEnv?: readonly string[];
}

const OUR_PLUGIN = 'ekspress-exec';

/** @returns `undefined` where no AWS command is recognised with certainty */
export function unwrapCommand(command: string, args: readonly string[]): UnwrappedCommand | undefined {
  const program = programName(command);
  if (program === 'aws' || program === 'aws-iam-authenticator') return { tool: program, command, args };
  if (program === 'aws-vault') return unwrapVault(command, args);
  if (program === TOKEN_CACHE_SCRIPT) return fromClusterRegionProfile(args);
  if (isPortable({ command, args }))
    return unwrapCommand(args[PORTABLE_WORDS.length] ?? '', args.slice(PORTABLE_WORDS.length + 1));
  if (program === OUR_PLUGIN) {
    const { keyEnv, dashes, words } = readHints(args);
    const [first = '', ...rest] = words;
    const unwrapped = unwrapCommand(first, rest) ?? (dashes ? undefined : fromClusterRegionProfile(words));
    return unwrapped && keyEnv.length > 0 ? { ...unwrapped, keyEnv } : unwrapped;
  }
  if (isTransparentCache(program) && args[0] !== undefined) return unwrapCommand(args[0], args.slice(1));
  return undefined;
}

/** `aws-vault exec <profile> [options] -- aws …` */
function unwrapVault(command: string, args: readonly string[]): UnwrappedCommand | undefined {
  const separator = args.indexOf('--');
  const inner = args[separator + 1];
  if (args[0] !== 'exec' || separator === -1 || inner === undefined) return undefined;
  const unwrapped = unwrapCommand(inner, args.slice(separator + 2));
  return unwrapped && { ...unwrapped, through: [command, ...args.slice(0, separator), ...(unwrapped.through ?? [])] };
}

function fromClusterRegionProfile(args: readonly string[]): UnwrappedCommand | undefined {
  if (args.length > 3 || args.some((argument) => argument.startsWith('-'))) return undefined;
  const named = commandOfNames(args);
  return named && { tool: 'aws', ...named };
}
