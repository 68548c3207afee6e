import { EKSAuthError } from '../../errors.ts';
import { removeDiedLock } from '../../kubeconfig/lock-kubeconfig.ts';
import { Declined, type Terminal, UsageError } from '../command.ts';
import type { ContextState, DescribedContext } from '../contexts/describe-context.ts';
import { describeContexts } from '../contexts/describe-context.ts';
import { loadContexts, pickContexts } from '../contexts/load-contexts.ts';
import { STATE_WORDS } from '../status/state-words.ts';
import { askWhich } from '../terminal/checkbox-list.ts';

/** Which contexts the words of a command ask for. */
export interface Wanted {
  readonly names: readonly string[];
  readonly all: boolean;
  /** What a person is asked where neither is given. */
  readonly question: string;
  /** Which states `--all` and the list mean. */
  readonly states: readonly ContextState[];
}

/**
 * The contexts that were named, all of them, or those that a person checks.
 * @throws UsageError where there is nobody to ask; Declined; Interrupted; EKSAuthError
 */
export async function chooseContexts(terminal: Terminal, wanted: Wanted): Promise<readonly DescribedContext[]> {
  const { names, all, states, question } = wanted;
  if (all && names.length > 0) throw new UsageError('Give names or --all, not both.');
  const loaded = await loadContexts(terminal);
  for (const file of loaded.files) await removeDiedLock(file);
  if (names.length > 0) {
    const picked = await describeContexts(pickContexts(loaded, names), terminal.env);
    for (const { problem } of picked) if (problem) throw problem;
    return picked;
  }
  const candidates = (await describeContexts(loaded.contexts, terminal.env)).filter(({ state }) =>
    states.includes(state),
  );
  if (all || candidates.length === 0) return candidates;
  if (!terminal.interactive) {
    throw new UsageError('There is no terminal to ask on: name contexts with --context NAME, or give --all.');
  }
  const choices = candidates.map((context) => ({ cells: cellsOf(context), checked: false }));
  const checked = await askWhich(terminal, question, choices);
  if (checked.length === 0) throw new Declined('Nothing was chosen, nothing was changed.');
  return candidates.filter((_, index) => checked.includes(index));
}

/** Contexts that share a user, under that user. */
export interface ChosenUser {
  readonly file: string;
  readonly user: string;
  readonly contexts: readonly DescribedContext[];
}

/**
 * The users of the contexts, each once.
 * @throws EKSAuthError NOT_EKS for one without an exec
 */
export function usersOf(contexts: readonly DescribedContext[]): readonly ChosenUser[] {
  const users = new Map<string, { file: string; user: string; contexts: DescribedContext[] }>();
  for (const context of contexts) {
    const { file, user, exec } = context;
    if (file === undefined || user === undefined || exec === undefined) throw noExec(context);
    const key = JSON.stringify([file, user]);
    const known = users.get(key) ?? { file, user, contexts: [] };
    known.contexts.push(context);
    users.set(key, known);
  }
  return [...users.values()];
}

/** A line of the list: cluster, account, region, profile, state. */
function cellsOf({ name, config, account, state, wrapping, profile = '' }: DescribedContext): string[] {
  const cluster = config?.clusterName ?? config?.clusterId ?? '';
  return [name, cluster, account ?? '', config?.region ?? '', profile, wrapping?.tool ?? STATE_WORDS[state]];
}

function noExec({ name }: DescribedContext): EKSAuthError {
  return new EKSAuthError(
    'NOT_EKS',
    `The user of context ${JSON.stringify(name)} gets its credentials from no command.`,
    {
      remedy: 'Choose a context whose user has an exec: `ekspress status` lists them.',
    },
  );
}

/** Asks for a yes. @throws Declined where the answer is another one; Interrupted */
export async function confirm(terminal: Terminal, question: string): Promise<void> {
  const { readKeys } = await import('../terminal/keyboard.ts');
  terminal.err(`${question} [y/N] `);
  const answer = await readKeys(terminal.signal, ({ name, sequence }) => {
    if (name === 'return' || name === 'n' || name === 'escape') return 'no';
    return sequence.toLowerCase() === 'y' ? 'yes' : undefined;
  }).catch((error: unknown) => {
    terminal.err('\n');
    throw error;
  });
  terminal.err(`${answer}\n`);
  if (answer === 'no') throw new Declined('Nothing was changed.');
}
