import { shellOption } from '../../text/shell-word.ts';
import type { Terminal } from '../command.ts';
import { contextArgument } from '../contexts/context-words.ts';
import { describeContexts } from '../contexts/describe-context.ts';
import { loadContexts } from '../contexts/load-contexts.ts';
import type { FileResult } from './outcome.ts';

/**
 * The command that undoes an apply, and nothing else. Contexts that were applied before are reverted by it only if no other
 * context was changed.
 */
export async function undoing(files: readonly FileResult[], terminal: Terminal): Promise<string> {
  const users = files.filter(({ changed }) => changed).flatMap((file) => file.users);
  const fresh = users.filter(({ contexts }) => contexts.some(({ state }) => state !== 'applied'));
  const undone = fresh.length > 0 ? fresh : users;
  const keys = new Set(undone.map(({ file, user }) => keyOf(file, user)));
  const { contexts } = await loadContexts(terminal);
  const applied = (await describeContexts(contexts, terminal.env)).filter(({ state }) => state === 'applied');
  const isAll = applied.every(({ file = '', user = '' }) => keys.has(keyOf(file, user)));
  const names = undone.flatMap(({ contexts: [first] }) => (first ? [contextArgument(first.name)] : []));
  const { kubeconfig } = terminal.options;
  const named = kubeconfig === undefined ? [] : [shellOption('--kubeconfig', kubeconfig)];
  return ['ekspress revert', ...(isAll ? ['--all'] : names), ...named].join(' ');
}

function keyOf(file: string, user: string): string {
  return JSON.stringify([file, user]);
}
