import { parseArgs } from 'node:util';
import { applyAnew } from '../../kubeconfig/edit-anew.ts';
import type { EditableKubeconfig } from '../../kubeconfig/edit-kubeconfig.ts';
import type { AppliedRecord } from '../../kubeconfig/edit-records.ts';
import { pluginCall } from '../../kubeconfig/edit-stanza.ts';
import type { UserToApply } from '../../kubeconfig/edit-users.ts';
import { ekspressHome, refuseForeignHome, tilde } from '../../kubeconfig/ekspress-home.ts';
import { originalFromBackups } from '../../kubeconfig/other-tools.ts';
import { scriptState } from '../../kubeconfig/plugin-script.ts';
import type { Command, Terminal } from '../command.ts';
import { type ChosenUser, chooseContexts, confirm, usersOf } from './choose.ts';
import { byFile, editUsersOf, type UsersEdit } from './edit-users-of.ts';
import { install } from './install.ts';
import { printOutcome } from './outcome.ts';
import { preview } from './preview.ts';
import { applyWarnings } from './warnings.ts';

const OPTIONS = `Options
  --context NAME   this context (may be repeated); also as plain words
  --all            every EKS context that is not applied, has drifted or runs through another cache
  --dry-run        show what would change, as a diff; write nothing
  --yes, -y        don't ask
  --portable       write a form that runs the original command where ekspress is not installed,
                   for kubeconfigs that others use too
`;

const help = `ekspress apply: let contexts get their tokens through the shared cache

  ekspress apply                    choose from a list
  ekspress apply dev prod
  ekspress apply --all --dry-run

${OPTIONS}
The exec of each user concerned is edited in its place, in the kubeconfig that holds it; nothing else in the file
changes. The original command becomes the first of its args and is what runs wherever ekspress cannot answer.
Way back: ekspress revert. A copy of the file from before its first change is in ~/.kube/ekspress/backups.

Examples
  ekspress apply --context arn:aws:eks:us-east-1:123456789012:cluster/dev
  ekspress apply --kubeconfig ./team.yaml --all --portable
`;

/** `ekspress apply`. */
export const apply: Command = {
  name: 'apply',
  summary: 'let contexts get their tokens through the shared cache',
  help,
  run: (words, terminal) => run(words, terminal, false),
};

/** `ekspress apply-all`. */
export const applyAll: Command = {
  name: 'apply-all',
  summary: 'the same for every EKS context',
  help: help.replace('ekspress apply:', 'ekspress apply-all, the same as apply --all:'),
  run: (words, terminal) => run(words, terminal, true),
};

async function run(line: readonly string[], terminal: Terminal, everything: boolean): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...line],
    options: {
      context: { type: 'string', multiple: true, default: [] },
      all: { type: 'boolean', default: false },
      'dry-run': { type: 'boolean', default: false },
      yes: { type: 'boolean', short: 'y', default: false },
      portable: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const all = values.all || everything;
  const contexts = await chooseContexts(terminal, {
    names: [...values.context, ...positionals],
    all,
    states: ['not-applied', 'drifted', 'wrapped'],
    question: 'Which contexts are to go through ekspress?',
  });
  const users = usersOf(contexts);
  const { env } = terminal;
  const home = ekspressHome(env);
  const call = pluginCall(home.script, tilde(home.script, env), values.portable);
  const words = new Map<ChosenUser, UserToApply>();
  for (const user of users) words.set(user, await userToApply(user, env));
  const edit: UsersEdit = {
    tolerant: all,
    back: false,
    edit: (kubeconfig, own, refuse) =>
      applyAnew(
        kubeconfig,
        own.flatMap((one) => words.get(one) ?? []),
        call,
        refuse,
      ),
    record: recordOf,
  };
  if (values['dry-run']) return preview(users, terminal, edit);
  if (users.length > 0) await refuseForeignHome(home);
  if (all && users.length > 0 && !values.yes && terminal.interactive) {
    await confirm(terminal, `Apply to ${users.length} users in ${[...byFile(users).keys()].join(', ')}?`);
  }
  const outdated = users.length === 0 && (await scriptState(home.script)) === 'outdated';
  if (users.length === 0 && !outdated) return printOutcome(terminal, { done: 'applied', files: [], refused: [] });
  const commands = users.flatMap(({ contexts: [context] }) => context?.original?.command ?? []);
  const script = await install(home, commands, env);
  const edited = await editUsersOf(users, terminal, edit);
  const notes = await applyWarnings(users, script, { env, home, portable: values.portable });
  return printOutcome(terminal, { done: 'applied', ...edited, notes, script });
}

/** What it runs in the end: for the tool that loses words, from its own backups where they still are. */
async function userToApply({ user, contexts: [context] }: ChosenUser, env: Terminal['env']): Promise<UserToApply> {
  const { wrapping, exec } = context ?? {};
  if (!wrapping?.original || !exec) return { name: user };
  const kept = wrapping.lossy ? await originalFromBackups(exec, user, env) : undefined;
  return { name: user, original: kept ?? wrapping.original };
}

function recordOf(before: AppliedRecord, { users }: EditableKubeconfig, names: readonly string[]): AppliedRecord {
  const at = new Date().toISOString();
  const applied = names.map((name) => {
    const command = String(users.find((user) => user.name === name)?.exec?.command ?? '');
    return [name, before.users[name] ?? { at, command }] as const;
  });
  return { ...before, users: { ...before.users, ...Object.fromEntries(applied) } };
}
