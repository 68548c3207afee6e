import { parseArgs } from 'node:util';
import { sharedEntryOf } from '../../aws/shared-entry.ts';
import { cacheDirectory } from '../../cache/directory.ts';
import { clearEntries, collectNow, listEntries, type ManagedEntry } from '../../cache/manage-entries.ts';
import { type Command, EXIT, type Terminal, UsageError } from '../command.ts';
import { describeContexts } from '../contexts/describe-context.ts';
import { loadContexts, pickContexts } from '../contexts/load-contexts.ts';
import { printResult } from '../terminal/print-result.ts';
import { formatTable } from '../terminal/table.ts';
import { span } from '../terminal/times.ts';

const help = `ekspress cache: the tokens that services and kubectl share on this machine

  ekspress cache list                 what is there; never shows a token
  ekspress cache clear [CONTEXT…]     forget the tokens of these contexts; without names: all
  ekspress cache gc                   remove what nobody will read again
  ekspress cache path                 where it is

Options of clear
  --profile NAME    those of one AWS profile
  --changed         those whose AWS files have changed since, for example by a login

Examples
  ekspress cache clear dev
  jq -r .status.expirationTimestamp "$(ekspress cache path)"/*.json
`;

/** `ekspress cache`. */
export const cache: Command = { name: 'cache', summary: 'list, clear or clean up the shared tokens', help, run };

async function run(words: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...words],
    options: { profile: { type: 'string' }, changed: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const [action, ...names] = positionals;
  if (names.length > 0 && action !== 'clear')
    throw new UsageError(`What is '${names[0]}' to be? Only clear takes names.`);
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
  } else throw new UsageError('Expected one of: cache list, cache clear, cache gc, cache path.');
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
      { title: 'PROFILE', importance: 2 },
      { title: 'STATE', importance: 0 },
      { title: 'LEFT', importance: 0 },
      { title: 'FILE', importance: 3, lost: 'middle' as const },
    ];
    const rows = entries.map((entry) => [
      { text: entry.cluster ?? entry.command ?? '' },
      { text: entry.region ?? '' },
      { text: entry.profile ?? '' },
      { text: entry.state, colour: entry.state === 'valid' ? ('green' as const) : ('dim' as const) },
      { text: entry.expiresAt ? span((entry.expiresAt.getTime() - now.getTime()) / 1000) : '' },
      { text: entry.fileName },
    ]);
    return formatTable(columns, rows, terminal.screen);
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
  // `default` is also the profile of those that name none.
  const sameProfile = (entry: ManagedEntry) => profile !== undefined && (entry.profile ?? 'default') === profile;
  return clearEntries(directory, now, (entry) => {
    if (entry.state === 'foreign') return false;
    return sameProfile(entry) || (changed && entry.state === 'changed');
  });
}

async function filesOf(names: readonly string[], terminal: Terminal): Promise<ReadonlySet<string>> {
  const contexts = await describeContexts(pickContexts(await loadContexts(terminal), names), terminal.env);
  const files = contexts.flatMap(({ config }) =>
    config ? [sharedEntryOf(config, { ...terminal.env, ...config.exec.env.toEnvironment() }).key.fileName] : [],
  );
  return new Set(files);
}
