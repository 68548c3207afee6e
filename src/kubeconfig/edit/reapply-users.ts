import { isDeepStrictEqual } from 'node:util';
import { EKSAuthError } from '../../errors.ts';
import { type EditableKubeconfig, findUser, readEditable } from './edit-kubeconfig.ts';
import { leadingWords, type PluginCall } from './edit-stanza.ts';
import { applyToUsers, type ReportRefusal, restoreUsers, type UserToApply } from './edit-users.ts';
import { type ExecValue, wordsOf } from './edit-values.ts';

/** Whether a stanza runs through ekspress in the form that the call has. */
export function isAppliedAs(exec: ExecValue, { command, leading }: Pick<PluginCall, 'command' | 'leading'>): boolean {
  const count = leadingWords(exec);
  return exec.command === command && isDeepStrictEqual(wordsOf(exec).args.slice(0, count ?? 0), leading);
}

/**
 * Lets the stanzas of users run through ekspress. A stanza that already does so in this form is not changed. A stanza
 * in another form, or with another path of the script, is restored first.
 * @returns the new text
 * @throws EKSAuthError
 */
export function reapplyUsers(
  kubeconfig: EditableKubeconfig,
  users: readonly UserToApply[],
  call: PluginCall,
  refuse?: ReportRefusal,
): string {
  const open = users.filter(
    ({ name, leading = call.leading }) =>
      !isAppliedAs(findUser(kubeconfig, name).exec, { command: call.command, leading }),
  );
  if (open.length === 0) return kubeconfig.text;
  const isOurs = ({ name }: UserToApply) => leadingWords(findUser(kubeconfig, name).exec) !== undefined;
  const otherwise = open.filter(isOurs).map(({ name }) => name);
  if (otherwise.length === 0) return applyToAll(kubeconfig, open, call, refuse);
  const refused = new Set<string>();
  const noted: ReportRefusal | undefined =
    refuse &&
    ((error, user) => {
      refused.add(user);
      refuse(error, user);
    });
  const restored = readEditable(restoreUsers(kubeconfig, otherwise, noted), kubeconfig.place);
  return applyToAll(
    restored,
    open.filter(({ name }) => !refused.has(name)),
    call,
    refuse,
  );
}

/**
 * Applies the call to all users at once. That fails for all of them if one shares its stanza with a user that is not
 * among them. Then, if users may be left out, each half is tried separately.
 */
function applyToAll(
  kubeconfig: EditableKubeconfig,
  users: readonly UserToApply[],
  call: PluginCall,
  refuse?: ReportRefusal,
): string {
  try {
    return applyToUsers(kubeconfig, users, call, refuse);
  } catch (error) {
    const [first, second] = users;
    if (!refuse || !first || !(error instanceof EKSAuthError)) throw error;
    if (!second) {
      refuse(error, first.name);
      return kubeconfig.text;
    }
    const middle = Math.ceil(users.length / 2);
    const text = applyToAll(kubeconfig, users.slice(0, middle), call, refuse);
    return applyToAll(readEditable(text, kubeconfig.place), users.slice(middle), call, refuse);
  }
}
