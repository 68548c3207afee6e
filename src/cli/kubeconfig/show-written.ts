import type { FoundScope } from '../../cluster/discovery/find-clusters.ts';
import type { EKSAuthError } from '../../errors.ts';
import { tilde } from '../../plugin/ekspress-home.ts';
import { shellOption, shellWord } from '../../text/shell-word.ts';
import type { InstalledScript } from '../apply/install.ts';
import { EXIT, type Screen, type Terminal } from '../command.ts';
import { inCommandWords } from '../command-words.ts';
import { namesInShort } from '../contexts/shared-words.ts';
import { printable, wrapped } from '../terminal/display-width.ts';
import { painter } from '../terminal/paint.ts';
import { printResult } from '../terminal/print-result.ts';
import { type Cell, type Column, formatTable } from '../terminal/table.ts';
import type { ContextPlan } from './plan-contexts.ts';

/** Parts that could not be read, with one error. */
export interface FailedParts {
  readonly parts: readonly string[];
  readonly error: EKSAuthError;
}

export interface Written {
  readonly terminal: Terminal;
  readonly plan: ContextPlan;
  readonly failures: readonly FailedParts[];
  /** The regions that were searched. */
  readonly regions: readonly string[];
  /** The kubeconfig. */
  readonly target: string;
  /** What would change, under `--dry-run`. */
  readonly diff?: string;
  readonly notes?: readonly string[];
  readonly script?: InstalledScript;
  readonly backup?: string | undefined;
  /** Whether there is no current context. */
  readonly choose?: boolean;
}

/** The failures. Parts with the same failure (an expired login, in each region) are combined. */
export function failedParts(scopes: readonly FoundScope[]): readonly FailedParts[] {
  const all = new Map<string, { parts: string[]; error: EKSAuthError }>();
  for (const { part, error } of scopes.flatMap(({ failures }) => failures)) {
    const known = all.get(error.message);
    if (known) known.parts.push(part);
    else all.set(error.message, { parts: [part], error });
  }
  return [...all.values()];
}

/** Prints the changes that were made, or that would be made. @returns the exit status: 1 if a part could not be read */
export function printWritten(written: Written): number {
  const { terminal, plan, failures, target, diff, notes = [], script, backup } = written;
  const { added, updated, removed, kept } = plan;
  const value = {
    file: target,
    ...(diff !== undefined && { dryRun: true, diff }),
    added,
    updated,
    removed,
    kept,
    failed: failures.map(({ parts, error: { code, message, remedy } }) => ({
      ...{ parts, code, message },
      remedy: inCommandWords(remedy),
    })),
    ...(backup !== undefined && { backup }),
    ...(script && { script: { path: script.path, was: script.was } }),
    notes,
  };
  printResult(terminal, value, () => describe(written));
  if (terminal.options.output === 'table') reportTo(terminal, failures, notes);
  return failures.length > 0 ? EXIT.failure : EXIT.ok;
}

function reportTo({ err, errorScreen }: Terminal, failures: readonly FailedParts[], notes: readonly string[]): void {
  const paint = painter(errorScreen);
  const { columns } = errorScreen;
  for (const { parts, error } of failures) {
    const names = namesInShort(parts, 4);
    err(
      `${wrapped(printable(`not read: ${names}`), columns, '  ').replace('not read:', (words) => paint('red', words))}\n`,
    );
    err(
      `${wrapped(`  ${error.code}: ${error.message}`, columns, '  ')}\n${wrapped(`  ${inCommandWords(error.remedy)}`, columns, '  ')}\n`,
    );
  }
  for (const note of notes) {
    err(`${wrapped(`note: ${note}`, columns, '  ').replace('note:', (word) => paint('yellow', word))}\n`);
  }
}

function describe(written: Written): string {
  const { terminal, plan, failures, regions, target, diff, script, backup, choose } = written;
  const { screen, env } = terminal;
  const { added, updated, removed, kept } = plan;
  const paint = painter(screen);
  const there = kept.length === 1 ? '1 context is there already' : `${kept.length} contexts are there already`;
  if (added.length + updated.length + removed.length === 0) {
    const found =
      kept.length > 0 ? `${there}, and none is missing` : `no EKS cluster was found in ${regionsIn(regions)}`;
    return failures.length > 0 && kept.length === 0 ? '' : `Nothing to do: ${found}.\n`;
  }
  if (diff !== undefined) return diff;
  const lines = [`${paint('green', '✓')} ${tilde(target, env)}`, changesTable(plan, screen).trimEnd()];
  if (kept.length > 0) lines.push(`${there}.`);
  if (script && script.was !== 'unchanged')
    lines.push(`${paint('green', '✓')} ${tilde(script.path, env)} ${script.was}`);
  if (backup !== undefined) lines.push('Backup:', `  ${tilde(backup, env)}`);
  if (choose) lines.push(`No context is the current one. Choose one: ${chooseCommand(written)}`);
  return `${lines.join('\n')}\n`;
}

function regionsIn(regions: readonly string[]): string {
  return regions.length > 4 ? `${regions.length} regions` : `${regions.join(', ')}. Other regions: --region`;
}

/** The command that makes a context the current one. The first one stands for the others. */
function chooseCommand({ terminal, plan: { added, updated, kept } }: Written): string {
  const [first] = [...added, ...updated, ...kept];
  const { kubeconfig } = terminal.options;
  const file = kubeconfig === undefined ? '' : ` ${shellOption('--kubeconfig', kubeconfig)}`;
  return `kubectl config use-context ${first ? shellWord(first.context) : 'NAME'}${file}`;
}

const COLUMNS: readonly Column[] = [
  { title: '', importance: 0 },
  { title: 'CONTEXT', importance: 0, lost: 'middle' },
  { title: 'CLUSTER', importance: 2, lost: 'middle' },
  { title: 'REGION', importance: 1 },
  { title: 'ACCOUNT', importance: 3 },
  { title: 'PROFILE', importance: 4 },
  { title: 'ROLE', importance: 5, lost: 'middle' },
];

/** The contexts that are added (+), updated (~) and removed (-). */
export function changesTable({ added, updated, removed }: ContextPlan, screen: Screen): string {
  const row = (mark: Cell, texts: readonly string[]): readonly Cell[] => [mark, ...texts.map((text) => ({ text }))];
  const rows = [
    ...[
      ...added.map((one) => ({ ...one, mark: { text: '+', colour: 'green' } as const })),
      ...updated.map((one) => ({ ...one, mark: { text: '~', colour: 'yellow' } as const })),
    ].map(({ mark, context, name, region, accountId, profile = '', roleArn = '' }) =>
      row(mark, [
        context,
        name === context ? '' : name,
        region,
        accountId,
        profile,
        roleArn.slice(roleArn.lastIndexOf('/') + 1),
      ]),
    ),
    ...removed.map((context) => row({ text: '-', colour: 'red' }, [context, '', '', '', '', ''])),
  ];
  const filled = COLUMNS.map((_, index) => index < 2 || rows.some((cells) => cells[index]?.text !== ''));
  const pick = <T>(cells: readonly T[]): T[] => cells.filter((_, index) => filled[index]);
  return formatTable(pick(COLUMNS), rows.map(pick), screen);
}
