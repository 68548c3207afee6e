import type { EditableKubeconfig } from '../../kubeconfig/edit/edit-kubeconfig.ts';
import type { AppliedRecord } from '../../kubeconfig/edit/edit-records.ts';
import type { PluginCall } from '../../kubeconfig/edit/edit-stanza.ts';
import type { UserToApply } from '../../kubeconfig/edit/edit-users.ts';
import { originalFromBackups } from '../../kubeconfig/edit/other-tools.ts';
import { readHints, writeHints } from '../../plugin/plugin-hints.ts';
import type { Terminal } from '../command.ts';
import type { ChosenUser } from './choose.ts';

/** How users are applied. */
export interface Manner {
  /** The declared variables. Empty: variables that were declared before stay. */
  readonly keyEnv: readonly string[];
  /** The key file of encrypted entries. Undefined: they stay encrypted or plain, as they were. */
  readonly encrypt: string | undefined;
  /** Whether encrypted entries become plain again. */
  readonly plain: boolean;
  readonly call: PluginCall;
}

/** The user with its original command. If the other tool drops words, they are read from its backups. */
export async function userToApply(
  { user, contexts: [context] }: ChosenUser,
  { keyEnv, encrypt, plain, call }: Manner,
  env: Terminal['env'],
): Promise<UserToApply> {
  const { wrapping, exec, config } = context ?? {};
  const names = keyEnv.length > 0 ? keyEnv : (context?.keyEnv ?? []);
  const key = plain ? undefined : (encrypt ?? context?.encrypt);
  // The credentials of another plugin are kept only if `--` stands before it.
  const told = { keyEnv: names, encrypt: key, dashes: config === undefined };
  // The portable form has no hints; the form for Windows begins with the file that its copy of Node runs.
  const leading = call.hinted ? [...call.leading, ...writeHints(told)] : undefined;
  if (!wrapping?.original || !exec) return { name: user, leading };
  const kept = wrapping.lossy ? await originalFromBackups(exec, user, env) : undefined;
  return { name: user, leading, original: kept ?? wrapping.original };
}

/** The record of a kubeconfig with these users applied. */
export function recordOf(
  before: AppliedRecord,
  { users }: EditableKubeconfig,
  names: readonly string[],
  words: ReadonlyMap<ChosenUser, UserToApply>,
): AppliedRecord {
  const at = new Date().toISOString();
  const told = new Map([...words.values()].map((user) => [user.name, user.leading && readHints(user.leading)]));
  const applied = names.map((name) => {
    const command = String(users.find((user) => user.name === name)?.exec?.command ?? '');
    const known = before.users[name] ?? { at, command };
    const hints = told.get(name);
    // A form without hints says nothing of what was declared before.
    if (hints === undefined) return [name, known] as const;
    const { keyEnv = [], encrypt } = hints;
    const kept = { ...(keyEnv.length > 0 && { keyEnv }), ...(encrypt !== undefined && { encrypt }) };
    return [name, { at: known.at, command: known.command, ...kept }] as const;
  });
  return { ...before, users: { ...before.users, ...Object.fromEntries(applied) } };
}
