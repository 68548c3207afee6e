/**
 * Python's argparse, as far as the AWS CLI uses it: `--name value` and `--name=value`, any unambiguous beginning of a
 * name, last one wins, and what one parser does not know is handed to the next.
 */

export interface ArgumentTable {
  /** Option name without dashes -> what it takes. */
  readonly options: Readonly<Record<string, OptionKind>>;
  /** How many positional arguments are expected: the command or sub-command, or none. */
  readonly positionals: 0 | 1;
}

/** `flag` takes no value; a list of choices takes one of them. */
export type OptionKind = 'value' | 'flag' | readonly string[];

export interface ParsedArguments {
  readonly values: ReadonlyMap<string, string>;
  readonly flags: ReadonlySet<string>;
  readonly positional: string | undefined;
  /** What this table does not know, in order. */
  readonly rest: readonly string[];
  /** Why the releases of Python may not agree about these arguments; absent: they do. */
  readonly disputed?: string;
}

/** Arguments with which the CLI ends with a usage message. The text is the reason. */
export class ArgumentsError extends Error {
  override readonly name = 'ArgumentsError';
}

interface KnownOption {
  readonly name: string;
  readonly attached: string | undefined;
}

/** @throws ArgumentsError */
export function parseKnownArguments(args: readonly string[], table: ArgumentTable): ParsedArguments {
  // For this table, everything after `--` is positional. The `--` itself is dropped.
  const dashes = args.indexOf('--');
  const kinds = args.map((argument, at) => (dashes !== -1 && at >= dashes ? 'positional' : classify(argument, table)));
  const values = new Map<string, string>();
  const flags = new Set<string>();
  const rest: string[] = [];
  let positional: string | undefined;
  for (let at = 0; at < args.length; at += 1) {
    const argument = args[at] ?? '';
    const kind = kinds[at];
    if (at === dashes) continue;
    if (kind === 'positional') {
      if (table.positionals === 1 && positional === undefined) positional = argument;
      else rest.push(argument);
    } else if (kind === 'unknown' || kind === undefined) rest.push(argument);
    else {
      const wanted = table.options[kind.name] ?? 'value';
      if (wanted === 'flag') {
        if (kind.attached !== undefined) throw new ArgumentsError(`--${kind.name} takes no value`);
        flags.add(kind.name);
        continue;
      }
      let value = kind.attached;
      if (value === undefined) {
        at += 1;
        if (kinds[at] !== 'positional' || at === dashes) throw new ArgumentsError(`--${kind.name} wants a value`);
        value = args[at] ?? '';
      }
      if (wanted !== 'value' && !wanted.includes(value)) {
        throw new ArgumentsError(`--${kind.name} is none of ${wanted.join(', ')}`);
      }
      values.set(kind.name, value);
    }
  }
  if (table.positionals === 1 && positional === undefined) throw new ArgumentsError('no command given');
  const disputed = disputedIn(args);
  return { values, flags, positional, rest, ...(disputed !== undefined && { disputed }) };
}

function disputedIn(args: readonly string[]): string | undefined {
  if (args.includes('--')) return '"--" is among the arguments';
  return args.some((argument) => /[^\0-\x7f]/.test(argument) && NEGATIVE_NUMBER.test(argument))
    ? 'an argument has digits that are not ASCII'
    : undefined;
}

/** To Python, the digits of every script are digits. */
const NEGATIVE_NUMBER = /^-\p{Nd}+$|^-\p{Nd}*\.\p{Nd}+$/u;

function classify(argument: string, table: ArgumentTable): 'positional' | 'unknown' | KnownOption {
  if (!argument.startsWith('-') || argument === '-') return 'positional';
  if (argument.startsWith('--')) {
    const equals = argument.indexOf('=');
    const written = argument.slice(2, equals === -1 ? undefined : equals);
    const attached = equals === -1 ? undefined : argument.slice(equals + 1);
    if (Object.hasOwn(table.options, written)) return { name: written, attached };
    const meant = Object.keys(table.options).filter((name) => name.startsWith(written));
    if (meant.length > 1)
      throw new ArgumentsError(`--${written} could be ${meant.map((name) => `--${name}`).join(', ')}`);
    if (meant[0] !== undefined) return { name: meant[0], attached };
  }
  if (NEGATIVE_NUMBER.test(argument)) return 'positional';
  return argument.includes(' ') ? 'positional' : 'unknown';
}
