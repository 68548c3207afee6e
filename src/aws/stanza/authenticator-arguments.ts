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

/**
 * Reads the arguments after `aws-iam-authenticator` as its flag library (pflag) does: `-i x`, `-ix`, `-i=x`,
 * `--cluster-id x`, `--cluster-id=x`, no abbreviations, last one wins, flags before or after the command.
 * @returns `undefined` for any other command than `token`
 * @throws ArgumentsError
 */
export function parseAuthenticatorArguments(args: readonly string[]): AuthenticatorArguments | undefined {
  const values = new Map<string, string>();
  const others = new Set<string>();
  const positionals: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const argument = args[at] ?? '';
    if (!argument.startsWith('-') || argument === '-') {
      positionals.push(argument);
      continue;
    }
    const { name, attached } = argument.startsWith('--') ? longOption(argument) : shortOption(argument);
    if (FLAGS.has(name)) {
      if (attached === undefined || attached === 'true') others.add(name);
      else if (attached !== 'false') throw new ArgumentsError(`--${name} is neither true nor false`);
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
    if (name === 'config' || value === '') others.add(name);
  }
  if (positionals[0] !== 'token') return undefined;
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
  return { name, attached: written === '' ? undefined : written.replace(/^=/, '') };
}
