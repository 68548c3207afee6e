import type { EKSAuthError } from '../../errors.ts';
import type { EditableKubeconfig } from '../../kubeconfig/edit/edit-kubeconfig.ts';
import type { AppliedRecord } from '../../kubeconfig/edit/edit-records.ts';
import type { PluginCall } from '../../kubeconfig/edit/edit-stanza.ts';
import type { ReportRefusal, UserToApply } from '../../kubeconfig/edit/edit-users.ts';
import { originalFromBackups } from '../../kubeconfig/edit/other-tools.ts';
import { reapplyUsers } from '../../kubeconfig/edit/reapply-users.ts';
import { ekspressHome, refuseForeignHome } from '../../plugin/ekspress-home.ts';
import { readHints, writeHints } from '../../plugin/plugin-hints.ts';
import { scriptState } from '../../plugin/plugin-script.ts';
import { type Command, defineCommand, type Line, type Terminal, UsageError } from '../command.ts';
import type { Options } from '../command-line/options.ts';
import { readVariableNames } from '../variable-names.ts';
import { type ChosenUser, chooseContexts, confirmUsers, usersOf, whyNothing } from './choose.ts';
import { compareOrStop } from './compare-or-stop.ts';
import { editUsersOf, type UsersEdit } from './edit-users-of.ts';
import { prepareKey, readKeyOptions, removePlain } from './encrypt.ts';
import { install } from './install.ts';
import { callOf } from './our-call.ts';
import { printOutcome } from './outcome.ts';
import { preview } from './preview.ts';
import { applyWarnings } from './warnings.ts';
import { misreadWords, refuseUnsafeWindows, requirePreview } from './windows-preview.ts';

const options = {
  all: { help: 'every EKS context that is not applied, has drifted or uses another cache' },
  'dry-run': { help: 'show what would change, as a diff; write nothing' },
  yes: { short: 'y', help: 'do not ask' },
  compare: {
    help: 'first run the original command once for each identity, and stop if AWS sees another identity than with ekspress; the default on a terminal',
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
  portable: {
    help: 'write a form that runs the original command where ekspress is not installed, for kubeconfigs that others use too',
  },
  preview: {
    help: 'on Windows: install the plugin for Windows, a copy of Node with one file in ~/.kube/ekspress; other systems need no such word',
  },
} as const satisfies Options;

const about = [
  'The exec of each user concerned is edited in its place, in the kubeconfig that holds it; nothing else in the file changes. The original command becomes the first of its args and is what runs wherever ekspress cannot answer.',
  'Undo: `ekspress revert`. A copy of the file from before its first change is in ~/.kube/ekspress/backups.',
];

/** `ekspress apply`. */
export const apply: Command = defineCommand({
  name: 'apply',
  group: 'kubectl through ekspress',
  summary: 'let contexts get their tokens through the shared cache',
  usage: ['[CONTEXT…]', '--all'],
  options,
  globals: ['kubeconfig', 'context', 'output'],
  choices: () => 'contexts',
  about: ['Without a context and --all, you choose from a list.', ...about],
  examples: [
    'ekspress apply dev prod',
    'ekspress apply --all --dry-run',
    'ekspress apply --all --encrypt',
    'ekspress apply --kubeconfig ./team.yaml --all --portable',
  ],
  run: (line, terminal) => run(line, terminal, line.values.all),
});

const { all: _, ...optionsOfAll } = options;

/** `ekspress apply-all`. */
export const applyAll: Command = defineCommand({
  name: 'apply-all',
  summary: 'the same as apply --all: for every EKS context',
  usage: [''],
  options: optionsOfAll,
  globals: ['kubeconfig', 'output'],
  choices: () => [],
  about,
  examples: ['ekspress apply-all --dry-run', 'ekspress apply-all --yes'],
  run: (line, terminal) => run(line, terminal, true),
});

async function run({ values, words }: Line<typeof optionsOfAll>, terminal: Terminal, all: boolean): Promise<number> {
  requirePreview(values);
  const keyEnv = readVariableNames(values['key-env']);
  if (keyEnv.length > 0 && values.portable) throw new UsageError('--key-env and --portable exclude each other.');
  if (values.encrypt && values.portable) throw new UsageError('--encrypt and --portable exclude each other.');
  const encrypt = readKeyOptions(values);
  const contexts = await chooseContexts(terminal, {
    names: [...terminal.options.contexts, ...words],
    all,
    states: ['not-applied', 'drifted', 'wrapped', ...(encrypt === undefined ? [] : (['applied'] as const))],
    alsoListed: ['other-command'],
    question: 'Which contexts should use ekspress?',
  });
  const users = usersOf(contexts);
  const { env, logger } = terminal;
  const home = ekspressHome(env);
  const call = callOf(home, env, values.portable);
  const edits = new Map<ChosenUser, UserToApply>();
  const how = { keyEnv, encrypt, call };
  for (const user of users) edits.set(user, await userToApply(user, how, env));
  const edit: UsersEdit = {
    skipRefused: all,
    isRevert: false,
    edit: (kubeconfig, own, refuse) => {
      const wanted = own.filter((one) => !isRefused(misreadWords(one, env), one.user, refuse));
      const users = wanted.flatMap((one) => edits.get(one) ?? []);
      return reapplyUsers(kubeconfig, users, call, refuse);
    },
    record: (before, kubeconfig, names) => recordOf(before, kubeconfig, names, edits),
  };
  if (values['dry-run']) return preview(users, terminal, edit);
  if (users.length > 0) await refuseForeignHome(home);
  const unknown = await refuseUnsafeWindows(home, env);
  if (values.compare && values['no-compare']) throw new UsageError('--compare and --no-compare exclude each other.');
  if (values.compare || (terminal.interactive && !values['no-compare'])) await compareOrStop(contexts, terminal);
  if (all && users.length > 0 && !values.yes && terminal.interactive) {
    await confirmUsers(terminal, 'Apply to', users);
  }
  const outdated = users.length === 0 && (await scriptState(home.script)) === 'outdated';
  if (users.length === 0 && !outdated) {
    return printOutcome(terminal, { done: 'applied', files: [], refused: [], nothing: await whyNothing(terminal) });
  }
  if (encrypt !== undefined && users.length > 0) await prepareKey(encrypt, env);
  // Also the `aws` behind aws-vault.
  const commands = users.flatMap(({ contexts: [context] }) =>
    [context?.original?.command, context?.config?.command.command].filter((word) => word !== undefined),
  );
  const script = await install(home, commands, env);
  const edited = await editUsersOf(users, terminal, edit);
  const facts = { env, logger, home, portable: values.portable, declared: keyEnv.length > 0 };
  const notes = [...(await applyWarnings(users, script, facts)), ...unknown];
  if (encrypt !== undefined) notes.push(...(await removePlain(encrypt, env)));
  return printOutcome(terminal, { done: 'applied', ...edited, notes, script });
}

interface Manner {
  /** The declared variables. Empty: variables that were declared before stay. */
  readonly keyEnv: readonly string[];
  /** The key file of encrypted entries. Undefined: they stay encrypted or plain, as they were. */
  readonly encrypt: string | undefined;
  readonly call: PluginCall;
}

/** Reports why a user is left as it is, where there is a reason. @throws the reason, where users may not be left out */
function isRefused(reason: EKSAuthError | undefined, user: string, refuse: ReportRefusal | undefined): boolean {
  if (reason === undefined) return false;
  if (refuse === undefined) throw reason;
  refuse(reason, user);
  return true;
}

/** The user with its original command. If the other tool drops words, they are read from its backups. */
async function userToApply(
  { user, contexts: [context] }: ChosenUser,
  { keyEnv, encrypt, call }: Manner,
  env: Terminal['env'],
): Promise<UserToApply> {
  const { wrapping, exec, config } = context ?? {};
  const names = keyEnv.length > 0 ? keyEnv : (context?.keyEnv ?? []);
  // The credentials of another plugin are kept only if `--` stands before it.
  const told = { keyEnv: names, encrypt: encrypt ?? context?.encrypt, dashes: config === undefined };
  // The portable form has no hints; the form for Windows begins with the file that its copy of Node runs.
  const leading = call.hinted ? [...call.leading, ...writeHints(told)] : undefined;
  if (!wrapping?.original || !exec) return { name: user, leading };
  const kept = wrapping.lossy ? await originalFromBackups(exec, user, env) : undefined;
  return { name: user, leading, original: kept ?? wrapping.original };
}

function recordOf(
  before: AppliedRecord,
  { users }: EditableKubeconfig,
  names: readonly string[],
  words: ReadonlyMap<ChosenUser, UserToApply>,
): AppliedRecord {
  const at = new Date().toISOString();
  const told = new Map([...words.values()].map((user) => [user.name, readHints(user.leading ?? [])]));
  const applied = names.map((name) => {
    const command = String(users.find((user) => user.name === name)?.exec?.command ?? '');
    const { keyEnv = [], encrypt } = told.get(name) ?? {};
    const kept = { ...(keyEnv.length > 0 && { keyEnv }), ...(encrypt !== undefined && { encrypt }) };
    return [name, { ...(before.users[name] ?? { at, command }), ...kept }] as const;
  });
  return { ...before, users: { ...before.users, ...Object.fromEntries(applied) } };
}
