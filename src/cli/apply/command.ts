import type { EKSAuthError } from '../../errors.ts';
import type { ReportRefusal, UserToApply } from '../../kubeconfig/edit/edit-users.ts';
import { reapplyUsers } from '../../kubeconfig/edit/reapply-users.ts';
import { ekspressHome, refuseForeignHome } from '../../plugin/ekspress-home.ts';
import { scriptState } from '../../plugin/plugin-script.ts';
import { APPLY, APPLY_ALL, APPLY_PORTABLE } from '../../text/apply-words.ts';
import { type Command, defineCommand, type Line, type Terminal, UsageError } from '../command.ts';
import type { Options } from '../command-line/options.ts';
import { readVariableNames } from '../variable-names.ts';
import { type ChosenUser, chooseContexts, confirmUsers, refuseWithoutTerminal, usersOf, whyNothing } from './choose.ts';
import { compareOrStop } from './compare-or-stop.ts';
import { editUsersOf, type UsersEdit } from './edit-users-of.ts';
import { clearEncrypted, prepareKey, readKeyOptions, removePlain } from './encrypt.ts';
import { install } from './install.ts';
import { callOf } from './our-call.ts';
import { printOutcome } from './outcome.ts';
import { preview } from './preview.ts';
import { undoing } from './undoing.ts';
import { recordOf, userToApply } from './user-to-apply.ts';
import { applyWarnings } from './warnings.ts';
import { misreadWords, previewOption, refuseUnsafeWindows, requirePreview } from './windows-preview.ts';

const options = {
  all: { help: 'every EKS context that is not applied, has drifted or uses another cache' },
  'dry-run': { help: 'show what would change, as a diff; write nothing' },
  yes: { short: 'y', help: 'do not ask; needed for --all where there is no terminal' },
  compare: {
    help: 'first run the original command once for each identity, and stop if AWS sees another identity than with ekspress, or if that cannot be found out; on a terminal it is compared without this option too, where that is possible',
  },
  'no-compare': { help: 'do not compare, for example without a network' },
  'key-env': {
    value: 'NAME',
    repeated: true,
    help: 'a variable that a credential_process, or the original command itself, decides by: then each value of it has a token of its own (NAME or NAME,NAME)',
  },
  encrypt: {
    help: 'encrypt the shared tokens of these contexts, with a key in memory ($XDG_RUNTIME_DIR), and remove the plain ones; a token then costs a start of Node',
  },
  'key-file': {
    value: 'FILE',
    help: 'with --encrypt: another file for the key, at least 32 bytes; made if it does not exist',
  },
  'no-encrypt': {
    help: 'the way back from --encrypt: remove the encrypted tokens of these contexts, and share their tokens in clear again',
  },
  portable: {
    help: 'write a form that runs the original command where ekspress is not installed, for kubeconfigs that others use too',
  },
  preview: previewOption,
} as const satisfies Options;

const about = [
  'The exec of each user concerned is edited in its place, in the kubeconfig that holds it; nothing else in the file changes. The original command becomes the first of its args and is what runs wherever ekspress cannot answer.',
  'Undo: `ekspress revert`. --all asks first; where there is no terminal, it needs --yes. A copy of the file from before its first change is in ~/.kube/ekspress/backups.',
];

/** `ekspress apply`. */
export const apply: Command = defineCommand({
  name: 'apply',
  group: 'kubectl through ekspress',
  summary: 'let contexts get their tokens through the shared cache',
  usage: ['[CONTEXT…]', '--all'],
  options,
  globals: ['kubeconfig', 'context', 'output'],
  choices: () => 'command-contexts',
  about: ['Without a context and --all, you choose from a list.', ...about],
  examples: [
    `${APPLY} dev prod`,
    `${APPLY} --all --dry-run`,
    `${APPLY} --all --encrypt`,
    `${APPLY} --all --no-encrypt`,
    // sh, which it is for, is not part of Windows.
    ...(process.platform === 'win32' ? [] : [`${APPLY_PORTABLE} --kubeconfig ./team.yaml`]),
  ],
  run: (line, terminal) => run(line, terminal, line.values.all),
});

const { all: _, ...optionsOfAll } = options;

/** `ekspress apply-all`. */
export const applyAll: Command = defineCommand({
  name: 'apply-all',
  summary: 'another name of `apply --all`',
  usage: [''],
  options: optionsOfAll,
  globals: ['kubeconfig', 'output'],
  instead: { context: `It is for every context; for one: \`${APPLY} --context NAME\`.` },
  choices: () => [],
  about,
  examples: [`${APPLY_ALL} --dry-run`, `${APPLY_ALL} --yes`],
  run: (line, terminal) => run(line, terminal, true),
});

async function run({ values, words }: Line<typeof optionsOfAll>, terminal: Terminal, all: boolean): Promise<number> {
  requirePreview({ ...values, command: APPLY });
  const keyEnv = readVariableNames(values['key-env']);
  if (keyEnv.length > 0 && values.portable) throw new UsageError('--key-env and --portable exclude each other.');
  if (values.encrypt && values.portable) throw new UsageError('--encrypt and --portable exclude each other.');
  const encrypt = readKeyOptions(values);
  const plain = values['no-encrypt'];
  if (encrypt !== undefined && plain) throw new UsageError('--encrypt and --no-encrypt exclude each other.');
  if (values.compare && values['no-compare']) throw new UsageError('--compare and --no-compare exclude each other.');
  // These options also change contexts that are applied already.
  const otherForm = encrypt !== undefined || plain || values.portable;
  const chosen = await chooseContexts(terminal, {
    names: [...terminal.options.contexts, ...words],
    all,
    states: ['not-applied', 'drifted', 'wrapped', ...(otherForm ? (['applied'] as const) : [])],
    alsoListed: ['other-command'],
    question: 'Which contexts should use ekspress?',
  });
  const { env, logger } = terminal;
  const home = ekspressHome(env);
  const call = callOf(home, env, values.portable);
  const edits = new Map<ChosenUser, UserToApply>();
  const how = { keyEnv, encrypt, plain, call };
  for (const user of usersOf(chosen)) edits.set(user, await userToApply(user, how, env));
  const edit: UsersEdit = {
    skipRefused: all,
    isRevert: false,
    edit: (kubeconfig, own, refuse) => {
      const wanted = own.filter(
        (one) => !isRefused(misreadWords(one.user, one.contexts[0]?.original, env), one.user, refuse),
      );
      const users = wanted.flatMap((one) => edits.get(one) ?? []);
      return reapplyUsers(kubeconfig, users, call, refuse);
    },
    record: (before, kubeconfig, names) => recordOf(before, kubeconfig, names, edits),
  };
  if (values['dry-run']) return preview([...edits.keys()], terminal, edit);
  if (edits.size > 0) await refuseForeignHome(home);
  const unknown = await refuseUnsafeWindows(home, env);
  const asks = all && !values.yes;
  if (asks) refuseWithoutTerminal(terminal, 'Apply to', [...edits.keys()]);
  const compares = values.compare || (terminal.interactive && !values['no-compare']);
  const leftOut = compares ? await compareOrStop(chosen, { asked: values.compare, all }, terminal) : [];
  const isLeftOut = ({ contexts }: ChosenUser) =>
    contexts.some(({ name }) => leftOut.some((one) => one.contexts.includes(name)));
  const users = [...edits.keys()].filter((user) => !isLeftOut(user));
  const refused = leftOut.map(({ reason }) => reason);
  if (asks && users.length > 0) await confirmUsers(terminal, 'Apply to', users);
  const outdated = users.length === 0 && (await scriptState(home.script)) === 'outdated';
  if (users.length === 0 && !outdated) {
    const nothing = refused.length > 0 ? 'no context is left' : await whyNothing(terminal);
    return printOutcome(terminal, { done: 'applied', files: [], refused, nothing });
  }
  if (encrypt !== undefined && users.length > 0) await prepareKey(encrypt, env);
  // Also the `aws` behind aws-vault.
  const commands = users.flatMap(({ contexts: [context] }) =>
    [context?.original?.command, context?.config?.command.command].filter((word) => word !== undefined),
  );
  const script = await install(home, commands, env);
  if (plain) await clearEncrypted(chosen, env);
  const edited = await editUsersOf(users, terminal, edit);
  const facts = { env, logger, home, portable: values.portable, declared: keyEnv.length > 0 };
  const notes = [...(await applyWarnings(users, script, facts)), ...unknown];
  if (encrypt !== undefined) notes.push(...(await removePlain(encrypt, env)));
  const outcome = { done: 'applied', ...edited, refused: [...refused, ...edited.refused], notes, script } as const;
  return printOutcome(terminal, { ...outcome, undo: await undoing(edited.files, terminal) });
}

/** Reports why a user is left as it is, where there is a reason. @throws the reason, where users may not be left out */
function isRefused(reason: EKSAuthError | undefined, user: string, refuse: ReportRefusal | undefined): boolean {
  if (reason === undefined) return false;
  if (refuse === undefined) throw reason;
  refuse(reason, user);
  return true;
}
