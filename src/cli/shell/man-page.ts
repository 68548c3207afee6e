import { COMMAND_GROUPS, type Command, EXIT } from '../command.ts';
import { GLOBAL_OPTIONS, type Option, type Options } from '../command-line/options.ts';

type Row = readonly [label: string, text: string];

const SETTINGS: readonly Row[] = [
  ['EKSPRESS_DEBUG', '1: every step goes to stderr.'],
  ['EKSPRESS_CACHE_DIR', 'The folder of the tokens. Default: ~/.kube/cache/eks-tokens, or eks-tokens in KUBECACHEDIR.'],
  ['EKSPRESS_REFRESH_MARGIN', 'How long a token must still be valid to be taken from the cache. Default: 60s.'],
  ['EKSPRESS_ERROR_TTL', 'For how many seconds a failure is repeated. Default: 30; for the network 5. 0: never.'],
  ['KUBECONFIG', 'The kubeconfigs, as for kubectl. Default: ~/.kube/config.'],
  ['NO_COLOR', 'If it is set and not empty, the output has no colours.'],
];

const FILES: readonly Row[] = [
  ['~/.kube/ekspress/ekspress-exec', 'The plugin that kubectl runs for applied contexts.'],
  ['~/.kube/ekspress/backups/', 'Copies of kubeconfigs from before their first change.'],
  ['~/.kube/cache/eks-tokens/', 'The shared tokens. `ekspress cache clear` removes them.'],
];

const STATUSES: readonly Row[] = [
  [`${EXIT.ok}`, 'Done.'],
  [`${EXIT.failure}`, 'It failed, a check found something, or you said no.'],
  [`${EXIT.usage}`, 'A mistake on the command line.'],
  [`${EXIT.interrupted}`, 'Ctrl-C at a question.'],
];

/** The manual page of `ekspress`, in the language of man(7), from the table of the commands. */
export function manPageOf(commands: readonly Command[], version: string): string {
  const shown = COMMAND_GROUPS.flatMap((title) => commands.filter(({ group }) => group === title));
  // An alias, and what only a page explains.
  const others = commands.filter(({ group }) => group === undefined);
  const parts = [
    `.TH EKSPRESS 1 "" "ekspress ${version}" "User Commands"`,
    // No line is broken within a word, and an apostrophe stays one: examples are pasted.
    '.nh',
    '.ad l',
    heading('NAME', 'ekspress \\- tokens of Amazon EKS for kubectl, from a cache that is shared'),
    heading(
      'SYNOPSIS',
      '.B ekspress',
      '.I COMMAND',
      '[\\fIOPTION\\fR]... [\\fIWORD\\fR]...',
      '.br',
      '.B kubectl ekspress',
      '.I COMMAND ...',
    ),
    heading(
      'DESCRIPTION',
      text(
        'kubectl runs a command for each token of an EKS cluster. ekspress lets it answer from a cache, and makes a new token as the original command would: the same identity, the same cluster.',
      ),
      ...COMMAND_GROUPS.flatMap((title) => [
        '.PP',
        text(`${title}:`),
        ...rows(shown.filter(({ group }) => group === title).map(({ name, summary }): Row => [name, summary])),
      ]),
    ),
    heading(
      'OPTIONS',
      text('Before or after the command. The help of a command names those that it takes.'),
      ...optionRows(GLOBAL_OPTIONS),
    ),
    heading('COMMANDS', ...[...shown, ...others].flatMap(commandPart)),
    heading('ENVIRONMENT', ...rows(SETTINGS)),
    heading('FILES', ...rows(FILES)),
    heading('EXIT STATUS', ...rows(STATUSES)),
    heading('SEE ALSO', '.BR kubectl (1)'),
  ];
  return `${parts.join('\n')}\n`;
}

function commandPart({ name, summary, usage, options, about = [], terms = [], examples = [] }: Command): string[] {
  return [
    `.SS ${escaped(name)}: ${escaped(summary)}`,
    ...usage.flatMap((line) => ['.RS', '.nf', escaped(`ekspress ${name}${line && ` ${line}`}`), '.fi', '.RE']),
    ...optionRows(options),
    ...about.flatMap((paragraph) => ['.PP', text(paragraph)]),
    ...terms.flatMap(({ title, rows: words }) => ['.PP', text(title), ...rows(words)]),
    ...(examples.length === 0 ? [] : ['.PP', 'Examples:', '.PP', '.RS', '.nf', ...examples.map(text), '.fi', '.RE']),
  ];
}

function optionRows(options: Options): string[] {
  return rows(
    Object.entries(options).map(([name, option]): Row => {
      const { help, repeated } = option;
      return [labelOf(name, option), repeated ? `${help}; may be repeated` : help];
    }),
  );
}

function labelOf(name: string, { short, value }: Option): string {
  return `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`;
}

function rows(all: readonly Row[]): string[] {
  return all.flatMap(([label, words]) => ['.TP', `\\fB${escaped(label)}\\fR`, text(words)]);
}

function heading(title: string, ...lines: readonly string[]): string {
  return [`.SH ${title}`, ...lines].join('\n');
}

/** A line of text. A dot at its start would be a request. */
function text(line: string): string {
  return escaped(line).replace(/^(?=\.)/, '\\&');
}

/** Hyphens and quotes as they are typed, so that an example can be pasted. */
function escaped(words: string): string {
  return words
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('`', '\\(ga')
    .replaceAll('~', '\\(ti')
    .replaceAll('^', '\\(ha')
    .replaceAll('…', '...')
    .replaceAll('–', '\\(en');
}
