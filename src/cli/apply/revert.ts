import { realpath } from 'node:fs/promises';
import { type AppliedRecord, hasAppliedUsers, readRecord, writeRecord } from '../../kubeconfig/edit/edit-records.ts';
import { leadingWords } from '../../kubeconfig/edit/edit-stanza.ts';
import { restoreUsers } from '../../kubeconfig/edit/edit-users.ts';
import { type EkspressHome, ekspressHome, refuseForeignHome, tilde } from '../../plugin/ekspress-home.ts';
import { isWindowsPlugin } from '../../plugin/windows-files.ts';
import { removeFromWindows } from '../../plugin/windows-install.ts';
import { type Command, defineCommand, type Line, type Terminal } from '../command.ts';
import type { Options } from '../command-line/options.ts';
import type { DescribedContext } from '../contexts/describe-context.ts';
import { type ChosenUser, chooseContexts, confirmUsers, refuseWithoutTerminal, usersOf } from './choose.ts';
import { byFile, editUsersOf, type UsersEdit } from './edit-users-of.ts';
import { clearEncrypted } from './encrypt.ts';
import { printOutcome } from './outcome.ts';
import { preview } from './preview.ts';

const options = {
  all: { help: 'every context that is applied' },
  'dry-run': { help: 'show what would change, as a diff; write nothing' },
  yes: { short: 'y', help: 'do not ask; needed for --all where there is no terminal' },
} as const satisfies Options;

/** `ekspress revert`. */
export const revert: Command = defineCommand({
  name: 'revert',
  group: 'kubectl through ekspress',
  summary: 'give contexts their original command back',
  usage: ['[CONTEXT…]', '--all'],
  options,
  globals: ['kubeconfig', 'context', 'output'],
  choices: () => 'applied-contexts',
  about: [
    'Without a context and --all, you choose from a list.',
    'The stanza is restored byte for byte from what it says itself; no backup is needed. One that was changed since is left alone. Without ekspress: see the installHint in the kubeconfig.',
  ],
  examples: ['ekspress revert dev prod', 'ekspress revert --all'],
  run,
});

async function run({ values, words }: Line<typeof options>, terminal: Terminal): Promise<number> {
  const chosen = await chooseContexts(terminal, {
    names: [...terminal.options.contexts, ...words],
    all: values.all,
    states: ['applied', 'drifted'],
    question: 'Which contexts should go back to their original command?',
  });
  // A context that already runs its original again needs no edit: only its record is removed.
  const drifted = usersOf(chosen).filter(({ contexts: [context] }) => context && hasGoneBack(context));
  const users = usersOf(chosen).filter(
    (user) => !drifted.some((one) => one.user === user.user && one.file === user.file),
  );
  const edit: UsersEdit = {
    skipRefused: values.all,
    isRevert: true,
    edit: (kubeconfig, own, refuse) =>
      restoreUsers(
        kubeconfig,
        own.map(({ user }) => user),
        refuse,
      ),
    record: (before, _, names) => without(before, names),
  };
  if (values['dry-run']) return preview(users, terminal, edit);
  if (users.length > 0) await refuseForeignHome(ekspressHome(terminal.env));
  if (values.all && users.length > 0 && !values.yes) {
    refuseWithoutTerminal(terminal, 'Revert', users);
    await confirmUsers(terminal, 'Revert', users);
  }
  for (const [file, own] of byFile(drifted)) await forget(file, own, terminal);
  await clearEncrypted(chosen, terminal.env);
  const edited = await editUsersOf(users, terminal, edit);
  const left = values.all && edited.refused.length === 0 ? await removeUnused(ekspressHome(terminal.env)) : [];
  const notes = left.map((path) => `${tilde(path, terminal.env)} is the Node that runs now: remove it later.`);
  return printOutcome(terminal, { done: 'reverted', ...edited, notes });
}

/** The copy of Node on Windows is removed once no context uses it. */
async function removeUnused(home: EkspressHome): Promise<readonly string[]> {
  return isWindowsPlugin(home.script) && !(await hasAppliedUsers(home)) ? removeFromWindows(home.script) : [];
}

function hasGoneBack({ state, exec }: DescribedContext): boolean {
  return state === 'drifted' && exec !== undefined && leadingWords({ ...exec }) === undefined;
}

async function forget(file: string, users: readonly ChosenUser[], { env }: Terminal): Promise<void> {
  const home = ekspressHome(env);
  const record = await readRecord(home, await realpath(file).catch(() => file));
  const names = users.map(({ user }) => user);
  // If the record stays, the status shows the word "drifted", nothing else.
  await writeRecord(home, without(record, names)).catch(() => undefined);
}

function without(record: AppliedRecord, names: readonly string[]): AppliedRecord {
  const users = Object.entries(record.users).filter(([name]) => !names.includes(name));
  return { ...record, users: Object.fromEntries(users) };
}
