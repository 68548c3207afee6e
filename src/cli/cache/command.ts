import { cacheDirectory } from '../../cache/directory/directory.ts';
import { clearEntries, collectNow, listEntries, type ManagedEntry } from '../../cache/store/manage-entries.ts';
import { type Command, defineCommand, EXIT, type Line, type Terminal, UsageError } from '../command.ts';
import { nearest } from '../command-line/option-hints.ts';
import type { Options } from '../command-line/options.ts';
import { describeContexts } from '../contexts/describe-context.ts';
import { entryNamesOf } from '../contexts/entry-names.ts';
import { loadContexts } from '../contexts/load-contexts.ts';
import { pickContexts } from '../contexts/pick-contexts.ts';
import { printResult } from '../terminal/print-result.ts';
import { formatTable } from '../terminal/table.ts';
import { span } from '../terminal/times.ts';

const options = {
  profile: { value: 'NAME', help: 'clear: the tokens of one AWS profile' },
  changed: { help: 'clear: tokens whose AWS files have changed since, for example by a login' },
} as const satisfies Options;

const ACTIONS = ['list', 'clear', 'gc', 'path'];

/** `ekspress cache`. */
export const cache: Command = defineCommand({
  name: 'cache',
  group: 'Tokens',
  summary: 'list, clear or clean up the shared tokens',
  usage: ['list', 'clear [CONTEXT…]', 'gc', 'path'],
  options,
  globals: ['kubeconfig', 'context', 'output'],
  choices: (words) => (words.length === 0 ? ACTIONS : words[0] === 'clear' ? 'eks-contexts' : []),
  about: ['Services and kubectl share these tokens on this machine.'],
  terms: [
    {
      title: 'Actions',
      rows: [
        ['list', 'show which tokens are there; a token itself is never shown'],
        ['clear', 'remove the tokens of these contexts; without a context or an option: all'],
        ['gc', 'remove expired tokens and left-over files'],
        ['path', 'show the folder'],
      ],
    },
  ],
  examples: ['ekspress cache clear dev', 'ls "$(ekspress cache path)"'],
  run,
});

async function run({ values, words }: Line<typeof options>, terminal: Terminal): Promise<number> {
  const [action, ...others] = words;
  const names = [...terminal.options.contexts, ...others];
  const { profile, changed } = values;
  if (action !== undefined && ACTIONS.includes(action) && action !== 'clear') {
    if (names.length > 0) throw new UsageError(`Unexpected argument '${names[0]}': only clear takes contexts.`);
    if (profile !== undefined || changed) throw new UsageError('--profile and --changed go with clear.');
  }
  if (names.length > 0 && (profile !== undefined || changed))
    throw new UsageError('clear takes contexts, or --profile and --changed, not both.');
  const directory = cacheDirectory(terminal.env);
  if (action === 'path') printResult(terminal, { path: directory }, () => `${directory}\n`);
  else if (action === 'list') await list(directory, terminal);
  else if (action === 'gc') {
    const removed = await collectNow(directory);
    printResult(terminal, { removed }, () => `${removed} ${removed === 1 ? 'file' : 'files'} removed.\n`);
  } else if (action === 'clear') {
    const removed = await clear(directory, names, { ...values, terminal });
    printResult(
      terminal,
      { removed: removed.map(({ fileName }) => fileName) },
      () => `${removed.length} ${removed.length === 1 ? 'token' : 'tokens'} forgotten.\n`,
    );
  } else {
    const hint = action === undefined ? '' : nearest(action, ACTIONS);
    throw new UsageError(`Expected one of: cache list, cache clear, cache gc, cache path.${hint}`);
  }
  return EXIT.ok;
}

async function list(directory: string, terminal: Terminal): Promise<void> {
  const now = new Date();
  const entries = await listEntries(directory, now);
  const value = entries.map(({ mintedAt, expiresAt, ...entry }) => ({
    ...entry,
    mintedAt: mintedAt?.toISOString(),
    expiresAt: expiresAt?.toISOString(),
  }));
  printResult(terminal, { directory, entries: value }, () => {
    if (entries.length === 0) return `No tokens in ${directory}.\n`;
    const columns = [
      { title: 'CLUSTER', importance: 0, lost: 'middle' as const },
      { title: 'REGION', importance: 1 },
      { title: 'ROLE', importance: 2, lost: 'middle' as const },
      { title: 'PROFILE', importance: 2, lost: 'middle' as const },
      { title: 'STATE', importance: 0 },
      { title: 'LEFT', importance: 0 },
      { title: 'FILE', importance: 3, lost: 'middle' as const },
    ];
    const shown = entries.some(({ roleArn }) => roleArn !== undefined)
      ? columns
      : columns.filter((one) => one.title !== 'ROLE');
    const rows = entries.map((entry) => [
      { text: entry.cluster ?? entry.command ?? '' },
      { text: entry.region ?? '' },
      ...(shown === columns ? [{ text: entry.roleArn?.slice(entry.roleArn.lastIndexOf('/') + 1) ?? '' }] : []),
      { text: entry.profile ?? '' },
      { text: entry.state, colour: entry.state === 'valid' ? ('green' as const) : ('dim' as const) },
      { text: entry.expiresAt ? span((entry.expiresAt.getTime() - now.getTime()) / 1000) : '' },
      { text: entry.fileName },
    ]);
    return formatTable(shown, rows, terminal.screen);
  });
}

interface ClearOptions {
  readonly profile?: string | undefined;
  readonly changed: boolean;
  readonly terminal: Terminal;
}

async function clear(directory: string, names: readonly string[], { profile, changed, terminal }: ClearOptions) {
  const now = new Date();
  if (names.length > 0) {
    const files = await filesOf(names, terminal);
    return clearEntries(directory, now, ({ fileName }) => files.has(fileName));
  }
  if (profile === undefined && !changed) return clearEntries(directory, now, ({ state }) => state !== 'foreign');
  // Entries without a profile have the profile `default`.
  const sameProfile = (entry: ManagedEntry) => profile !== undefined && (entry.profile ?? 'default') === profile;
  return clearEntries(directory, now, (entry) => {
    if (entry.state === 'foreign') return false;
    return sameProfile(entry) || (changed && entry.state === 'changed');
  });
}

async function filesOf(names: readonly string[], terminal: Terminal): Promise<ReadonlySet<string>> {
  const contexts = await describeContexts(pickContexts(await loadContexts(terminal), names), terminal.env);
  return new Set(contexts.flatMap((context) => entryNamesOf(context, terminal.env)));
}
