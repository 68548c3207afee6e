import { shown } from '../../text/nearest-names.ts';
import { ArgumentsError } from './argparse.ts';

/** The arguments of `aws-iam-authenticator token …`. */
export interface AuthenticatorArguments {
  readonly clusterId?: string;
  readonly role?: string;
  readonly externalId?: string;
  readonly sessionName?: string;
  readonly region?: string;
  /** A file with further settings, the cluster among them. */
  readonly config?: string;
  /** Long names of the other flags given: `cache`, `config`, `forward-session-name`, `token-only`, … */
  readonly others: ReadonlySet<string>;
}

const WITH_VALUE: Readonly<Record<string, string>> = {
  i: 'cluster-id',
  r: 'role',
  e: 'external-id',
  s: 'session-name',
  c: 'config',
  l: 'log-format',
  v: 'log-verbosity',
};
const VALUES = new Set([...Object.values(WITH_VALUE), 'region', 'feature-gates']);
const FLAGS = new Set(['cache', 'token-only', 'forward-session-name']);
/** Options that only some releases have, or whose value the program checks. */
const UNCERTAIN = new Set(['config', 'log-verbosity', 'feature-gates']);
/** What Go's ParseBool reads. */
const BOOLEANS: Readonly<Record<string, boolean>> = {
  ...Object.fromEntries(['1', 't', 'T', 'TRUE', 'true', 'True'].map((text) => [text, true])),
  ...Object.fromEntries(['0', 'f', 'F', 'FALSE', 'false', 'False'].map((text) => [text, false])),
};

/**
 * Reads the arguments after `aws-iam-authenticator` as its libraries (cobra, pflag) do: `-i x`, `-ix`, `-i=x`,
 * `--cluster-id x`, `--cluster-id=x`, no abbreviations, last one wins, flags before or after the command.
 * @returns `undefined` for any other command than `token`
 * @throws ArgumentsError
 */
export function parseAuthenticatorArguments(args: readonly string[]): AuthenticatorArguments | undefined {
  const command = commandAt(args);
  if (command === undefined || args[command] !== 'token') return undefined;
  const values = new Map<string, string>();
  const others = new Set<string>();
  for (let at = 0; at < args.length; at += 1) {
    const argument = args[at] ?? '';
    if (argument === '--') break;
    // Further words are accepted and not looked at.
    if (at === command || !argument.startsWith('-') || argument === '-') continue;
    const { name, attached } = argument.startsWith('--') ? longOption(argument) : shortOption(argument);
    if (FLAGS.has(name)) {
      const on = attached === undefined ? true : BOOLEANS[attached];
      if (on === undefined) throw new ArgumentsError(`--${name} is neither true nor false`);
      if (on) others.add(name);
      else others.delete(name);
      continue;
    }
    if (!VALUES.has(name)) throw new ArgumentsError(`unknown option ${shown(`--${name}`)}`);
    let value = attached;
    if (value === undefined) {
      at += 1;
      value = args[at];
    }
    if (value === undefined) throw new ArgumentsError(`--${name} wants a value`);
    values.set(name, value);
    // An empty value takes precedence over the variable that stands for the flag.
    if (UNCERTAIN.has(name) || value === '') others.add(name);
  }
  const optional = (name: string, value: string | undefined) => (value ? { [name]: value } : {});
  return {
    ...optional('clusterId', values.get('cluster-id')),
    ...optional('role', values.get('role')),
    ...optional('externalId', values.get('external-id')),
    ...optional('sessionName', values.get('session-name')),
    ...optional('region', values.get('region')),
    ...optional('config', values.get('config')),
    others,
  };
}

/**
 * The first word that is neither an option nor, as far as cobra can tell before it knows the command, the value of one:
 * each option without `=`, of one letter or long, counts as one with a value.
 */
function commandAt(args: readonly string[]): number | undefined {
  for (let at = 0; at < args.length; at += 1) {
    const argument = args[at] ?? '';
    if (argument === '--') return undefined;
    if (!argument.startsWith('-')) {
      if (argument !== '') return at;
    } else if (!argument.includes('=') && (argument.startsWith('--') || argument.length === 2)) at += 1;
  }
  return undefined;
}

interface WrittenOption {
  readonly name: string;
  readonly attached: string | undefined;
}

function longOption(argument: string): WrittenOption {
  const equals = argument.indexOf('=');
  return equals === -1
    ? { name: argument.slice(2), attached: undefined }
    : { name: argument.slice(2, equals), attached: argument.slice(equals + 1) };
}

function shortOption(argument: string): WrittenOption {
  const name = WITH_VALUE[argument.charAt(1)];
  if (name === undefined) throw new ArgumentsError(`unknown option ${shown(argument.slice(0, 2))}`);
  const written = argument.slice(2);
  // `-i=x` has the value x, and `-i=` the value `=`.
  return { name, attached: written === '' ? undefined : written.replace(/^=(?=.)/s, '') };
}
