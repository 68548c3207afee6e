import { EKSAuthError } from '../../errors.ts';
import { formatYAML } from '../../kubeconfig/read/format-yaml.ts';
import { type Command, defineCommand, EXIT, type Line, type Terminal } from '../command.ts';
import type { Options } from '../command-line/options.ts';
import { loadContexts } from '../contexts/load-contexts.ts';
import { pickOrCurrent } from '../contexts/pick-contexts.ts';
import { printable } from '../terminal/display-width.ts';
import { printResult } from '../terminal/print-result.ts';
import { repeat } from '../terminal/repeat.ts';
import { readStatus, type Status } from './read-status.ts';
import { statusTable, statusValue } from './show-status.ts';
import { shortOf } from './standing.ts';

const options = {
  watch: { help: 'repeat every two seconds, until Ctrl-C' },
  short: { help: 'one line for a shell prompt: the current context, and its token or what is wrong' },
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
    'It reads what is on disk: no token is minted and no server is asked. "Per command" is what getting a token adds to each kubectl command now, as measured on a machine with two cores.',
  ],
  terms: [
    {
      title: 'States',
      rows: [
        ['applied', 'uses ekspress'],
        ['not applied', 'an EKS context that does not: `ekspress apply`'],
        [
          'drifted',
          'was applied, and then its original was put back (`aws eks update-kubeconfig` does that), or the script is gone',
        ],
        ['(a tool)', 'uses another cache, which `ekspress apply` takes over'],
        [
          'runs (a program)',
          'another command, for example a wrapper around `aws`: `ekspress apply NAME` keeps what it prints',
        ],
        ['not EKS', 'a certificate, a fixed token or a password'],
        ['invalid', 'names a cluster or user that is not there'],
      ],
    },
  ],
  examples: [
    'ekspress status',
    "PS1='$(ekspress status --short) \\$ '",
    "ekspress status --check -o json | jq -r '.contexts[].state'",
  ],
  run,
});

/** How often `--watch` repeats, in milliseconds. */
const EVERY_MS = 2_000;

async function run({ values, words }: Line<typeof options>, terminal: Terminal): Promise<number> {
  const names = [...terminal.options.contexts, ...words];
  if (values.watch) {
    await repeat(terminal, EVERY_MS, async () => format(await readStatus(terminal, names), terminal));
    return EXIT.interrupted;
  }
  if (values.short) return short(terminal, names);
  const found = await readStatus(terminal, names);
  printResult(terminal, statusValue(found, new Date()), () => statusTable(found, terminal.screen));
  const drifted = found.lines.some(({ context }) => context.state === 'drifted');
  return values.check && drifted ? EXIT.failure : EXIT.ok;
}

/** A prompt must not show errors: without a context it shows nothing. */
async function short(terminal: Terminal, names: readonly string[]): Promise<number> {
  try {
    const [only] = pickOrCurrent(await loadContexts(terminal), names);
    const [line] = only === undefined ? [] : (await readStatus(terminal, [only.name])).lines;
    if (line) terminal.out(`${printable(line.context.eksCluster ?? line.context.name)} ${printable(shortOf(line))}\n`);
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof EKSAuthError) || names.length > 0) throw error;
    return EXIT.ok;
  }
}

/** One document for each time: a line of JSON, a document of YAML, or the table. */
function format(found: Status, { options, screen }: Terminal): string {
  const value = statusValue(found, new Date());
  if (options.output === 'json') return `${JSON.stringify(value)}\n`;
  return options.output === 'yaml' ? `---\n${formatYAML(value)}` : statusTable(found, screen);
}
