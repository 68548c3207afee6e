import { EKSAuthError } from '../../errors.ts';
import { formatYAML } from '../../kubeconfig/read/format-yaml.ts';
import { APPLY } from '../../text/apply-words.ts';
import { type Command, defineCommand, EXIT, type Line, type Terminal, UsageError } from '../command.ts';
import type { Options } from '../command-line/options.ts';
import { loadContexts } from '../contexts/load-contexts.ts';
import { pickOrCurrent } from '../contexts/pick-contexts.ts';
import { withKubeconfig } from '../contexts/same-kubeconfig.ts';
import { shortName } from '../contexts/short-name.ts';
import { printable, wrapped } from '../terminal/display-width.ts';
import { formatJSON, printResult } from '../terminal/print-result.ts';
import { repeat } from '../terminal/repeat.ts';
import { measure } from './measure.ts';
import { rememberPrompt } from './prompt-file.ts';
import { readStatus, type Status } from './read-status.ts';
import { statusTable, statusValue } from './show-status.ts';
import { shortOf } from './standing.ts';

const options = {
  watch: { help: 'repeat every two seconds, until Ctrl-C' },
  short: { help: 'one line for a shell prompt: the current context, and its token or what is wrong' },
  measure: { help: 'run the command of each context as kubectl does, and show how long it takes' },
  check: { help: 'exit with 1 if a context has drifted or an applied one has lost its script (for CI)' },
} as const satisfies Options;

/** `ekspress status`. */
export const status: Command = defineCommand({
  name: 'status',
  group: 'kubectl through ekspress',
  summary: 'which contexts use ekspress, their tokens, and what they cost',
  usage: ['[CONTEXT…]'],
  options,
  globals: ['kubeconfig', 'context', 'output'],
  choices: () => 'contexts',
  about: [
    'It reads what is on disk: no token is minted and no server is asked. With --measure it runs the command of each context once, and remembers how long each took on this machine: that is what getting a token adds to a kubectl command. `apply` measures the commands that it compares. For a prompt that starts no process: `ekspress hook bash --prompt`.',
  ],
  terms: [
    {
      title: 'States',
      rows: [
        ['applied', 'uses ekspress'],
        ['not applied', `an EKS context that does not: \`${APPLY}\``],
        [
          'drifted',
          'was applied, and then its original was put back (`aws eks update-kubeconfig` does that), or the script is gone',
        ],
        ['(a tool)', `uses another cache, which \`${APPLY}\` takes over`],
        [
          'runs (a program)',
          `another command, for example a wrapper around \`aws\`: \`${APPLY} NAME\` keeps what it prints`,
        ],
        ['not EKS', 'a certificate, a fixed token or a password'],
        ['invalid', 'names a cluster or user that is not there'],
      ],
    },
    {
      title: 'TOKEN: what the shared cache holds for the context',
      rows: [
        ['(a time) left', 'a token; the next command gets it from the cache'],
        ['none', 'nothing: the next command makes a token'],
        [
          'not used',
          'a token, made by a service or for another context; this one runs its original command, which makes its own',
        ],
        ['(a reason)', 'a token that is not used for this reason; the next command makes another one'],
        ['(empty)', 'ekspress does not know what the command of the context prints'],
      ],
    },
    {
      title: 'LOGIN: the login of a person that the token needs',
      rows: [
        ['(a time) left', 'until it ends'],
        ['renews itself', 'until the session ends, which no file tells'],
        ['ended, none', 'log in: `ekspress login`'],
        [
          'broken',
          'the AWS files give no credentials, for example because a profile is missing; a line below says why',
        ],
        ['(empty)', 'the credentials need no login'],
      ],
    },
  ],
  examples: [
    'ekspress status',
    'ekspress status --measure',
    "ekspress status --check -o json | jq -r '.contexts[].state'",
  ],
  run,
});

/** How often `--watch` repeats, in milliseconds. */
const EVERY_MS = 2_000;

async function run({ values, words }: Line<typeof options>, terminal: Terminal): Promise<number> {
  const names = [...terminal.options.contexts, ...words];
  refuseTogether(values);
  if (values.short && terminal.options.output !== 'table')
    throw new UsageError('--short prints one line of text: leave out -o, or --short.');
  if (values.watch) {
    await repeat(terminal, EVERY_MS, async () => format(await readStatus(terminal, names), terminal));
    return EXIT.interrupted;
  }
  if (values.short) return short(terminal, names);
  const failures = values.measure ? await measure(await readStatus(terminal, names), terminal) : [];
  const found = await readStatus(terminal, names);
  printResult(terminal, statusValue(found, new Date()), () => statusTable(found, terminal));
  for (const failure of failures)
    terminal.err(
      `${wrapped(withKubeconfig(printable(`ekspress: ${failure}`), terminal.options), terminal.errorScreen.columns, '  ')}\n`,
    );
  if (failures.length > 0) return EXIT.failure;
  const drifted = found.lines.some(({ context }) => context.state === 'drifted');
  return values.check && drifted ? EXIT.failure : EXIT.ok;
}

/** Options that would have no effect beside each other. @throws UsageError */
function refuseTogether(values: Line<typeof options>['values']): void {
  const given = (['short', 'watch', 'measure', 'check'] as const).filter((name) => values[name]);
  const alone = given.find((name) => name !== 'check' && name !== 'measure');
  const other = given.find((name) => name !== alone);
  if (alone !== undefined && other !== undefined) throw new UsageError(`--${alone} and --${other} exclude each other.`);
}

/** A prompt must not show errors: without a context it shows nothing. */
async function short(terminal: Terminal, names: readonly string[]): Promise<number> {
  try {
    const loaded = await loadContexts(terminal);
    const [only, ...others] = pickOrCurrent(loaded, names);
    if (others.length > 0) throw new UsageError('--short is about one context: give one name.');
    if (only === undefined) return EXIT.ok;
    const found = await readStatus(terminal, [only.name]);
    const [line] = found.lines;
    if (!line) return EXIT.ok;
    const words = shortOf(line);
    const name = shortName(only, loaded.contexts);
    terminal.out(`${printable(name)} ${printable(words)}\n`);
    // What the AWS files lack is read again each time: the function of the prompt does not watch them.
    if (names.length === 0 && terminal.options.kubeconfig === undefined && !line.problem)
      await rememberPrompt(found, line, { name, words }, terminal);
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof EKSAuthError) || names.length > 0) throw error;
    return EXIT.ok;
  }
}

/** One document for each time: a line of JSON, a document of YAML, or the table. */
function format(found: Status, terminal: Terminal): string {
  const { options } = terminal;
  const value = statusValue(found, new Date());
  if (options.output === 'json') return `${formatJSON(value)}\n`;
  return options.output === 'yaml' ? `---\n${formatYAML(value)}` : statusTable(found, terminal);
}
