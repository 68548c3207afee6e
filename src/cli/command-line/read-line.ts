import { type ParseArgsConfig, parseArgs } from 'node:util';
import { type Command, type GlobalOptions, type Line, type OutputFormat, UsageError } from '../command.ts';
import { globalName, nearest, optionHint, spellingsLike } from './option-hints.ts';
import { GLOBAL_OPTIONS, type GlobalName, globalOptions, type Options } from './options.ts';

type LineToken = NonNullable<ReturnType<typeof tokensOf>>[number];
type OptionToken = Extract<LineToken, { kind: 'option' }>;

/** The command of a line. The options of that command then read the rest of the line. */
export interface FoundCommand {
  readonly name: string | undefined;
  readonly rest: readonly string[];
  readonly help: boolean;
  readonly version: boolean;
  /** The first option that no command and no line without a command takes. */
  readonly stray: string | undefined;
}

/** Finds the command, which may follow global options and flags. Words after a `--` belong to another program. */
export function findCommand(args: readonly string[]): FoundCommand {
  const tokens = tokensOf(args, GLOBAL_OPTIONS);
  const terminator = tokens.find(({ kind }) => kind === 'option-terminator')?.index ?? args.length;
  const ours = tokens.filter(({ index }) => index < terminator);
  const place = ours.find(({ kind }) => kind === 'positional')?.index;
  const has = (name: string) => ours.some((token) => token.kind === 'option' && token.name === name);
  return {
    name: place === undefined ? undefined : args[place],
    rest: args.filter((_, index) => index !== place),
    help: has('help'),
    version: has('version'),
    stray: ours.flatMap((token) =>
      token.kind === 'option' && !Object.hasOwn(GLOBAL_OPTIONS, token.name) ? [token.rawName] : [],
    )[0],
  };
}

/** What the reading of a line needs of a command. */
export type ReadCommand = Pick<Command, 'name' | 'options' | 'globals' | 'program' | 'instead'>;

/**
 * Reads a line with the options of its command and the global options that the command honours.
 * @throws UsageError
 */
export function readLine(command: ReadCommand, args: readonly string[]): { line: Line; options: GlobalOptions } {
  const known: Options = { ...globalOptions(command.globals), ...command.options };
  const tokens = tokensOf(args, known);
  const given = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind === 'option') given.set(token.name, [...(given.get(token.name) ?? []), read(token, known, command)]);
  }
  const value = (name: string) => {
    const { value: takesValue, repeated } = known[name] ?? {};
    const all = given.get(name) ?? [];
    if (takesValue === undefined) return all.length > 0;
    return repeated ? all : all.at(-1);
  };
  const terminator = tokens.find(({ kind }) => kind === 'option-terminator')?.index;
  const isBehind = ({ index }: LineToken) => terminator !== undefined && index > terminator;
  const words = tokens.filter((token) => token.kind === 'positional');
  const own = command.program ? words.filter((word) => !isBehind(word)) : words;
  const program = command.program && terminator !== undefined ? words.filter(isBehind) : undefined;
  return {
    line: {
      values: Object.fromEntries(Object.keys(command.options).map((name) => [name, value(name)])),
      words: own.map((word) => word.value),
      ...(program && { program: program.map((word) => word.value) }),
    },
    options: {
      kubeconfig: given.get('kubeconfig')?.at(-1),
      contexts: given.get('context') ?? [],
      output: (given.get('output')?.at(-1) ?? 'table') as OutputFormat,
      debug: given.has('debug'),
    },
  };
}

/** The words of a line that are neither options nor values of options. The line may be unfinished. */
export function wordsAmong(args: readonly string[], options: Options): readonly string[] {
  return tokensOf(args, options).flatMap((token) => (token.kind === 'positional' ? [token.value] : []));
}

/** The values of a global option on a line, which may be unfinished. */
export function valuesAmong(args: readonly string[], name: GlobalName): readonly string[] {
  return tokensOf(args, GLOBAL_OPTIONS).flatMap((token) =>
    token.kind === 'option' && token.name === name && token.value !== undefined ? [token.value] : [],
  );
}

function tokensOf(args: readonly string[], options: Options) {
  const config: NonNullable<ParseArgsConfig['options']> = {};
  for (const [name, { value, short }] of Object.entries(options)) {
    config[name] = { type: value === undefined ? 'boolean' : 'string', ...(short !== undefined && { short }) };
  }
  return parseArgs({ args: [...args], options: config, strict: false, allowPositionals: true, tokens: true }).tokens;
}

/** The value of an option. Empty for a flag. */
function read({ name, rawName, value, inlineValue }: OptionToken, known: Options, command: ReadCommand): string {
  const option = known[name];
  if (option === undefined || !Object.hasOwn(known, name)) throw unknown(name, rawName, known, command);
  if (option.value === undefined) {
    if (value !== undefined) throw new UsageError(`${rawName} takes no value.`);
    return '';
  }
  const text = inlineValue && !rawName.startsWith('--') ? value?.replace(/^=/, '') : value;
  // A word with a dash is the next option, not a value. A value with a dash needs an equals sign.
  if (!text || (!inlineValue && /^-./.test(text))) throw new UsageError(`${rawName} needs a value.`);
  const { choices } = option;
  if (typeof choices !== 'object' || choices.includes(text)) return text;
  throw new UsageError(`${rawName} takes ${listed(choices)}, not '${text}'.${nearest(text, choices)}`);
}

function unknown(name: string, rawName: string, known: Options, command: ReadCommand): UsageError {
  const what =
    globalName(name) === undefined ? `Unknown option '${rawName}'.` : `${command.name} does not take ${rawName}.`;
  return new UsageError(`${what}${optionHint(name, rawName, known, command.instead)}`);
}

/** The error for an option on a line that names no command. */
export function strayOption(rawName: string): UsageError {
  return new UsageError(`Unknown option '${rawName}'.${nearest(rawName, spellingsLike(rawName, GLOBAL_OPTIONS))}`);
}

function listed(words: readonly string[]): string {
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
