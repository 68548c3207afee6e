import { parseArgs } from 'node:util';
import { formatYAML } from '../../kubeconfig/format-yaml.ts';
import { type Command, EXIT, type Terminal } from '../command.ts';
import { printResult } from '../terminal/print-result.ts';
import { repeat } from '../terminal/repeat.ts';
import { readStatus, type Status } from './read-status.ts';
import { statusTable, statusValue } from './show-status.ts';

const help = `ekspress status: which contexts go through ekspress, and what they cost

  ekspress status [CONTEXT…]

Options
  --watch     again every two seconds, until Ctrl-C
  --check     exit 1 if a context has drifted or an applied one has lost its script (for CI)

It reads what is on disk: no token is minted and nobody is called. "per command" is an estimate of the seconds that
getting a token adds to each kubectl command now.

States
  applied       goes through ekspress
  not applied   an EKS context that doesn't: ekspress apply
  drifted       was applied, and something (aws eks update-kubeconfig) has put the original back, or its script is gone
  (a tool)      goes through another cache, which ekspress apply takes over
  no EKS user   a certificate, a fixed token, or a command that gets no EKS tokens
  invalid       names a cluster or user that is not there

Examples
  ekspress status
  ekspress status --check -o json | jq '.contexts[] | select(.state == "drifted") | .name'
`;

/** `ekspress status`. */
export const status: Command = {
  name: 'status',
  summary: 'which contexts go through ekspress, their tokens, and what they cost',
  help,
  run,
};

/** How often `--watch` looks again, in milliseconds. */
const EVERY_MS = 2_000;

async function run(words: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...words],
    options: { watch: { type: 'boolean', default: false }, check: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  if (values.watch) {
    await repeat(terminal, EVERY_MS, async () => format(await readStatus(terminal, positionals), terminal));
    return EXIT.interrupted;
  }
  const found = await readStatus(terminal, positionals);
  printResult(terminal, statusValue(found, new Date()), () => statusTable(found, terminal.screen));
  const drifted = found.lines.some(({ context }) => context.state === 'drifted');
  return values.check && drifted ? EXIT.failure : EXIT.ok;
}

/** One document a time: lines of JSON, documents of YAML, or the table. */
function format(found: Status, { options, screen }: Terminal): string {
  const value = statusValue(found, new Date());
  if (options.output === 'json') return `${JSON.stringify(value)}\n`;
  return options.output === 'yaml' ? `---\n${formatYAML(value)}` : statusTable(found, screen);
}
