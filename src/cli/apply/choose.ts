import { removeDiedLock } from '../../kubeconfig/edit/lock-kubeconfig.ts';
import { tilde } from '../../plugin/ekspress-home.ts';
import { APPLY } from '../../text/apply-words.ts';
import { Declined, type Terminal, UsageError } from '../command.ts';
import { noCommand } from '../contexts/context-errors.ts';
import type { ContextState, DescribedContext } from '../contexts/describe-context.ts';
import { describeContexts, profileWords, roleName } from '../contexts/describe-context.ts';
import { loadContexts } from '../contexts/load-contexts.ts';
import { pickContexts } from '../contexts/pick-contexts.ts';
import { withKubeconfig } from '../contexts/same-kubeconfig.ts';
import { STATE_WORDS } from '../status/state-words.ts';
import { askForYes, askWhich } from '../terminal/ask.ts';
import { printable } from '../terminal/display-width.ts';

/** The contexts that a command line asks for. */
export interface Wanted {
  readonly names: readonly string[];
  readonly all: boolean;
  /** The question to the user if neither is given. */
  readonly question: string;
  /** The states of the contexts that `--all` and the list include. */
  readonly states: readonly ContextState[];
  /** More states of the list: contexts that have to be chosen one by one. */
  readonly alsoListed?: readonly ContextState[];
}

/**
 * The named contexts, all contexts, or those that the user selects.
 * @throws UsageError if there is no terminal to ask on; Declined; Interrupted; EKSAuthError
 */
export async function chooseContexts(terminal: Terminal, wanted: Wanted): Promise<readonly DescribedContext[]> {
  const { names, all, states, alsoListed = [], question } = wanted;
  if (all && names.length > 0) throw new UsageError('Give names or --all, not both.');
  const loaded = await loadContexts(terminal);
  for (const file of loaded.files) await removeDiedLock(file);
  if (names.length > 0) {
    const picked = await describeContexts(pickContexts(loaded, names), terminal.env);
    for (const { problem } of picked) if (problem) throw problem;
    return picked;
  }
  const candidates = (await describeContexts(loaded.contexts, terminal.env)).filter(({ state }) =>
    [...states, ...(all ? [] : alsoListed)].includes(state),
  );
  if (all || candidates.length === 0) return candidates;
  if (!terminal.interactive) {
    throw new UsageError('There is no terminal to ask on: name contexts with --context NAME, or give --all.');
  }
  const checked = await askWhich(terminal, question, cellsOfAll(candidates));
  if (checked.length === 0) throw new Declined('Nothing was chosen, nothing was changed.');
  return candidates.filter((_, index) => checked.includes(index));
}

/** Why `apply` finds no context. Undefined if all of them are applied. */
export async function whyNothing(terminal: Terminal): Promise<string | undefined> {
  const { contexts, files } = await loadContexts(terminal);
  const described = await describeContexts(contexts, terminal.env);
  if (described.some(({ state }) => state === 'applied')) return undefined;
  const others = described.filter(({ state }) => state === 'other-command').length;
  const named =
    others > 0
      ? `; ${others} ${others === 1 ? 'context runs' : 'contexts run'} another program, which \`${APPLY} NAME\` takes`
      : '';
  const where = files.map((file) => tilde(file, terminal.env)).join(', ');
  return withKubeconfig(`there is no EKS context in ${where}${named}`, terminal.options);
}

/** A user with its contexts. */
export interface ChosenUser {
  readonly file: string;
  readonly user: string;
  readonly contexts: readonly DescribedContext[];
}

/**
 * The users of the contexts, without duplicates.
 * @throws EKSAuthError NOT_EKS for a user without an exec
 */
export function usersOf(contexts: readonly DescribedContext[]): readonly ChosenUser[] {
  const users = new Map<string, { file: string; user: string; contexts: DescribedContext[] }>();
  for (const context of contexts) {
    const { file, user, exec } = context;
    if (file === undefined || user === undefined || exec === undefined) throw noCommand(context.name);
    const key = JSON.stringify([file, user]);
    const known = users.get(key) ?? { file, user, contexts: [] };
    known.contexts.push(context);
    users.set(key, known);
  }
  return [...users.values()];
}

/**
 * The lines of the list: name, cluster, state, role, profile, region, account. Columns with equal values are left out, and
 * the last ones where the screen is narrow.
 */
function cellsOfAll(contexts: readonly DescribedContext[]): readonly (readonly string[])[] {
  const rows = contexts.map((context) => {
    const { name, eksCluster, account, state, reason, wrapping } = context;
    const cluster = eksCluster ?? '';
    const other = state === 'other-command' ? `runs ${reason}` : undefined;
    const [word, region] = [wrapping?.tool ?? other ?? STATE_WORDS[state], context.region ?? ''];
    return [
      name,
      name === cluster ? '' : cluster,
      word,
      roleName(context) ?? '',
      profileWords(context),
      region,
      account ?? '',
    ];
  });
  const differs = (column: number) => new Set(rows.map((row) => row[column])).size > 1;
  return rows.map((row) => row.filter((_, column) => column === 0 || differs(column)));
}

/** How many contexts a question names. */
const NAMED = 12;

/**
 * Asks whether the users may be changed, and names their contexts.
 * @throws Declined; Interrupted
 */
export async function confirmUsers(terminal: Terminal, verb: string, users: readonly ChosenUser[]): Promise<void> {
  if (!terminal.interactive) return;
  terminal.err(namesOf(users));
  await askForYes(terminal, `${questionOf(terminal, verb, users)}?`);
}

/**
 * Refuses a change that is confirmed on a terminal where there is none, and says what it would be.
 * @throws UsageError
 */
export function refuseWithoutTerminal(terminal: Terminal, verb: string, users: readonly ChosenUser[]): void {
  if (terminal.interactive || users.length === 0) return;
  terminal.err(`${questionOf(terminal, verb, users)}:\n${namesOf(users)}`);
  throw new UsageError('There is no terminal to ask on, so nothing was changed: give --yes, or --dry-run for a diff.');
}

function namesOf(users: readonly ChosenUser[]): string {
  const names = users.flatMap(({ contexts }) => contexts.map(({ name }) => printable(name)));
  const more = names.length > NAMED ? [`and ${names.length - NAMED} more`] : [];
  return [...names.slice(0, NAMED), ...more].map((line) => `  ${line}\n`).join('');
}

function questionOf({ env }: Terminal, verb: string, users: readonly ChosenUser[]): string {
  const files = new Set(users.map(({ file }) => tilde(file, env)));
  return `${verb} ${users.length === 1 ? '1 user' : `${users.length} users`} in ${[...files].join(', ')}`;
}
