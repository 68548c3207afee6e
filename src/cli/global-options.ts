import { type GlobalOptions, type OutputFormat, UsageError } from './command.ts';

/** The command line, taken apart. */
export interface CommandLine {
  readonly command: string | undefined;
  /** What is left for the command. */
  readonly words: readonly string[];
  readonly options: GlobalOptions;
  readonly help: boolean;
  readonly version: boolean;
}

const FORMATS: readonly string[] = ['table', 'json', 'yaml'];

/**
 * Finds the global options before and after the command; what follows a `--` is another program's.
 * @throws UsageError
 */
export function readCommandLine(line: readonly string[]): CommandLine {
  const separator = line.indexOf('--');
  const ours = separator === -1 ? line : line.slice(0, separator);
  const words: string[] = [];
  const found = { help: false, version: false, debug: false, output: 'table' as OutputFormat };
  let kubeconfig: string | undefined;
  for (let index = 0; index < ours.length; index += 1) {
    const word = ours[index] ?? '';
    const [name, joined] = split(word);
    const value = (): string => {
      if (joined === undefined) index += 1;
      const given = joined ?? ours[index];
      if (!given) throw new UsageError(`${name} needs a value.`);
      return given;
    };
    if (name === '--kubeconfig') kubeconfig = value();
    else if (name === '--output' || name === '-o') found.output = format(value());
    else if (word === '--debug') found.debug = true;
    else if (word === '--help' || word === '-h') found.help = true;
    else if (word === '--version') found.version = true;
    else words.push(word);
  }
  // Options of a command may stand before it too: `--dry-run apply`.
  const place = words.findIndex((word) => !word.startsWith('-'));
  const command = words[place];
  const rest = words.filter((_, index) => index !== place);
  const others = separator === -1 ? [] : line.slice(separator);
  const { help, version, ...options } = found;
  return { command, words: [...rest, ...others], options: { ...options, kubeconfig }, help, version };
}

/** `--name=value`, `-ovalue` and `-o=value`. */
function split(word: string): [name: string, value: string | undefined] {
  if (word.startsWith('-o') && word.length > 2) return ['-o', word.slice(2).replace(/^=/, '')];
  const equals = word.startsWith('--') ? word.indexOf('=') : -1;
  return equals === -1 ? [word, undefined] : [word.slice(0, equals), word.slice(equals + 1)];
}

function format(name: string): OutputFormat {
  if (!FORMATS.includes(name)) throw new UsageError(`There is no output format '${name}': table, json or yaml.`);
  return name as OutputFormat;
}
