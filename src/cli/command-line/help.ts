import { APPLY } from '../../text/apply-words.ts';
import { COMMAND_GROUPS, type Command } from '../command.ts';
import { displayWidth, padded, wrapped } from '../terminal/display-width.ts';
import { globalOptions, type Option, type Options } from './options.ts';

/** The longest line of help, also on a wide terminal. */
const WIDEST = 100;
/** The width if there is no terminal. */
const DEFAULT_WIDTH = 80;

const EXAMPLES: readonly Row[] = [
  [APPLY, 'choose the contexts that use ekspress'],
  ['ekspress doctor prod', 'find out why kubectl is slow or refused'],
];

/** The words of a command: what stands in quotes is in one word, and an option is in one with its value. */
const SHELL_WORDS = /(?:-\S+ (?=[^-\s|>]))?(?:[^\s'"]|'[^']*'|"[^"]*")+/g;

type Row = readonly [label: string, text: string];

/** The text of `ekspress <name> --help`, as wide as the screen. */
export function helpOf(command: Command, columns: number): string {
  const { name, summary, usage, options, about = [], terms = [], examples = [] } = command;
  const width = widthFor(columns);
  const sections = [
    wrapped(`ekspress ${name}: ${summary}`, width, '  '),
    usage.map((line) => wrapped(`  ekspress ${name}${line && ` ${line}`}`, width, '      ')).join('\n'),
    section('Options', rowsOf(options), width),
    ...about.map((text) => wrapped(text, width)),
    ...terms.map(({ title, rows }) => section(title, rows, width)),
    examples.length > 0 ? `Examples\n${examples.map((line) => exampleOf(line, width)).join('\n')}` : '',
    section('Global options, before or after the command', rowsOf(globalOptions(command.globals)), width),
  ];
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`;
}

/** The text of `ekspress --help`. */
export function overviewOf(commands: readonly Command[], version: string, columns: number): string {
  const width = widthFor(columns);
  const shown = COMMAND_GROUPS.map((title) => ({
    title,
    rows: commands.filter(({ group }) => group === title).map(({ name, summary }): Row => [name, summary]),
  }));
  const column = Math.max(...shown.flatMap(({ rows }) => rows.map(([label]) => label.length)));
  const all = rowsOf(globalOptions(['kubeconfig', 'context', 'output']));
  const title = 'Global options, before or after the command; its help names those that it takes';
  return [
    `ekspress ${version}: EKS auth, express`,
    ...shown.map(({ title: group, rows }) => section(group, rows, width, column)),
    section(title, all, width),
    section('Examples', EXAMPLES, width),
    'Run `ekspress COMMAND --help` to see its options.\n',
  ].join('\n\n');
}

/** A command to copy. One that is too long for a line goes on after a backslash, as a shell reads it. */
function exampleOf(line: string, width: number): string {
  if (displayWidth(line) + 2 <= width) return `  ${line}`;
  const fits = (word: string) => displayWidth(word) + 6 <= width;
  // An option whose value is too long stands on a line before it.
  const parts = (word: string) => (fits(word) ? [word] : word.split(/(?<=^-\S+) /));
  const [first = '', ...words] = (line.match(SHELL_WORDS) ?? []).flatMap(parts);
  const lines: string[] = [];
  let last = `  ${first}`;
  for (const [index, word] of words.entries()) {
    const longer = `${last} ${word}`;
    const mark = index === words.length - 1 ? '' : ' \\';
    if (displayWidth(longer + mark) <= width) last = longer;
    else {
      lines.push(`${last} \\`);
      last = `    ${word}`;
    }
  }
  return [...lines, last].join('\n');
}

function widthFor(columns: number): number {
  return Math.min(WIDEST, Number.isFinite(columns) ? columns : DEFAULT_WIDTH);
}

function rowsOf(options: Options): readonly Row[] {
  return Object.entries(options).map(([name, option]): Row => {
    const { help, repeated } = option;
    return [labelOf(name, option), repeated ? `${help}; may be repeated` : help];
  });
}

function labelOf(name: string, { short, value }: Option): string {
  return `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`;
}

/** @param widest - the length of the longest label, if tables below each other share their columns */
function section(title: string, rows: readonly Row[], width: number, widest?: number): string {
  return rows.length === 0 ? '' : `${wrapped(title, width)}\n${table(rows, width, widest)}`;
}

/** Labels with texts beside them. The texts are broken at blanks. */
function table(rows: readonly Row[], width: number, widest = 0): string {
  const longest = Math.max(widest, ...rows.map(([label]) => displayWidth(label)));
  const column = Math.min(longest + 4, Math.max(8, Math.floor(width / 2)));
  const indent = ' '.repeat(column);
  return rows
    .map(([label, text]) => {
      const lines = wrapped(indent + text, width, indent);
      const fits = displayWidth(label) + 4 <= column;
      return fits ? padded(`  ${label}`, column) + lines.slice(column) : `  ${label}\n${lines}`;
    })
    .join('\n');
}
