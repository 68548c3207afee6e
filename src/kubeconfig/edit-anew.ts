import { type EditableKubeconfig, findUser, readEditable } from './edit-kubeconfig.ts';
import { leadingWords, type PluginCall } from './edit-stanza.ts';
import { applyToUsers, restoreUsers, type UserToApply } from './edit-users.ts';
import type { ExecValue } from './edit-values.ts';

/** Whether a stanza runs through ekspress in exactly this way. */
export function isAppliedAs(exec: ExecValue, call: PluginCall): boolean {
  return exec.command === call.command && leadingWords(exec) === call.leading.length;
}

/**
 * Lets users run through ekspress, whatever they run through now: those that do already stay as they are, those that
 * do in another way (another form, another place of the script) are taken back first.
 * @returns the new text
 * @throws EKSAuthError
 */
export function applyAnew(kubeconfig: EditableKubeconfig, users: readonly UserToApply[], call: PluginCall): string {
  const open = users.filter(({ name }) => !isAppliedAs(findUser(kubeconfig, name).exec, call));
  if (open.length === 0) return kubeconfig.text;
  const otherwise = open.filter(({ name }) => leadingWords(findUser(kubeconfig, name).exec) !== undefined);
  if (otherwise.length === 0) return applyToUsers(kubeconfig, open, call);
  const names = otherwise.map(({ name }) => name);
  return applyToUsers(readEditable(restoreUsers(kubeconfig, names), kubeconfig.place), open, call);
}
