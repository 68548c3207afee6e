import { dirname, isAbsolute, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { EKSAuthError } from '../../errors.ts';
import { shown } from '../../text/nearest-names.ts';
import { updateKubeconfig } from '../read/text-remedy.ts';
import { fingerprint, readHint } from './edit-hint.ts';
import { differences, type EditableKubeconfig, findUser, type LocatedStanza, readEditable } from './edit-kubeconfig.ts';
import { applySplices, type Splice } from './edit-splices.ts';
import { applyToStanza, isByHand, leadingWords, type PluginCall, restoreStanza } from './edit-stanza.ts';
import { appliedValue, type ExecValue, type OriginalWords, wordsOf } from './edit-values.ts';

/** A user whose stanza will run through ekspress. */
export interface UserToApply {
  readonly name: string;
  /** The original command, if another tool has wrapped the stanza. */
  readonly original?: OriginalWords | undefined;
  /** The words before its original command. Default: those of the call. */
  readonly leading?: readonly string[] | undefined;
}

/**
 * Called if a user's stanza cannot be changed. The default throws the error. A command for all users may report it and go
 * on with the others.
 */
export type ReportRefusal = (error: EKSAuthError, user: string) => void;

const fail: ReportRefusal = (error) => {
  throw error;
};

/**
 * Lets the stanzas of these users run through ekspress. The result is parsed and checked: these stanzas have the expected
 * values, and all other values in the file are unchanged.
 * @returns the new text
 * @throws EKSAuthError INVALID_KUBECONFIG or NOT_EKS if the file cannot be changed
 */
export function applyToUsers(
  kubeconfig: EditableKubeconfig,
  users: readonly UserToApply[],
  call: PluginCall,
  refuse: ReportRefusal = fail,
): string {
  const wanted = new Set(users.map(({ name }) => name));
  const splices: Splice[] = [];
  const expected = new Map<string, ExecValue>();
  for (const { name, original: found, leading = call.leading } of users) {
    const { exec, stanza, sharedWith } = findUser(kubeconfig, name);
    const original = found ?? absoluteWords(exec, kubeconfig.place);
    const covered = sharedWith !== undefined && wanted.has(sharedWith);
    const text = covered || !stanza ? '' : applyToStanza(stanza, exec, { ...call, leading }, original);
    if (!covered && !stanza) refuse(notItsOwn(kubeconfig, name), name);
    else if (text === undefined) refuse(tooUnusual(kubeconfig, name), name);
    else {
      const { command, variables } = call;
      expected.set(name, appliedValue(exec, { command, leading, original, variables }));
      if (!covered && stanza) splices.push(replacement(stanza, text));
    }
  }
  const names = new Set(expected.keys());
  return verified(
    kubeconfig,
    splices,
    names,
    (name, _before, after) =>
      isDeepStrictEqual(withoutHint(after), withoutHint(expected.get(name) ?? {})) && !isByHand(after),
  );
}

/**
 * Restores the original stanzas of these users, byte for byte unless they have been changed since.
 * @returns the new text
 * @throws EKSAuthError INVALID_KUBECONFIG for a stanza that is not applied or has been changed since
 */
export function restoreUsers(
  kubeconfig: EditableKubeconfig,
  users: readonly string[],
  refuse: ReportRefusal = fail,
): string {
  try {
    return restore(kubeconfig, users, true, refuse);
  } catch (error) {
    // An anchor that the old text refers to may be missing: kubectl writes files without anchors.
    const keeps = users.some((name) => readHint(findUser(kubeconfig, name).exec.installHint)?.kept);
    if (!keeps || !(error instanceof EKSAuthError)) throw error;
    return restore(kubeconfig, users, false, refuse);
  }
}

function restore(
  kubeconfig: EditableKubeconfig,
  users: readonly string[],
  kept: boolean,
  refuse: ReportRefusal,
): string {
  const wanted = new Set(users);
  const names = new Set<string>();
  const splices: Splice[] = [];
  for (const name of users) {
    const user = findUser(kubeconfig, name);
    const { stanza, sharedWith } = user;
    const covered = sharedWith !== undefined && wanted.has(sharedWith);
    const text = covered || !stanza ? '' : restoreStanza(stanza, kept);
    if (leadingWords(user.exec) === undefined) refuse(notOurs(kubeconfig, name, user.exec), name);
    else if (isByHand(user.exec)) refuse(byHand(kubeconfig, name), name);
    else if (!covered && (!stanza || sharedWith !== undefined)) refuse(notItsOwn(kubeconfig, name, sharedWith), name);
    else if (text === undefined) refuse(drifted(kubeconfig, name), name);
    else {
      names.add(name);
      if (!covered && stanza) splices.push(replacement(stanza, text));
    }
  }
  return verified(kubeconfig, splices, names, (_name, before, after) => isOriginalOf(after, before));
}

/**
 * The words with an absolute command, if the command is relative to the folder of the kubeconfig. In `args` it would be
 * relative to the folder in which kubectl runs.
 */
function absoluteWords(exec: ExecValue, place: string): OriginalWords | undefined {
  const { command, args } = wordsOf(exec);
  const separators = process.platform === 'win32' ? /[/\\]/ : /\//;
  if (typeof command !== 'string' || !separators.test(command) || isAbsolute(command)) return undefined;
  return { command: resolve(dirname(place), command), args };
}

function replacement({ start, text }: LocatedStanza, by: string): Splice {
  return { start, end: start + text.length, text: by };
}

/** Whether applying the original gives the applied stanza. */
function isOriginalOf(original: ExecValue, applied: ExecValue): boolean {
  const leading = leadingWords(applied) ?? 0;
  const note = readHint(applied.installHint);
  const { command, args } = note?.kept?.words ?? {
    command: wordsOf(applied).args[leading],
    args: wordsOf(applied).args.slice(leading + 1),
  };
  const was = wordsOf(original);
  if (!isDeepStrictEqual([was.command, ...was.args], [command, ...args])) return false;
  // If another tool gave the words, the variables may come from that tool too.
  if (note?.kept?.words !== undefined) return true;
  const same = (exec: ExecValue) => fingerprint({ ...exec, args: [], interactiveMode: null });
  return same(original) === same(applied);
}

function verified(
  before: EditableKubeconfig,
  splices: readonly Splice[],
  names: ReadonlySet<string>,
  isRight: (name: string, before: ExecValue, after: ExecValue) => boolean,
): string {
  const { place } = before;
  const text = applySplices(before.text, splices);
  let after: EditableKubeconfig;
  try {
    after = readEditable(text, place);
  } catch {
    throw uncertain(place, 'The file would no longer be valid');
  }
  const changed = differences(before, after);
  if (changed.elsewhere) throw uncertain(place, 'Something besides the users would change');
  const others = changed.users.filter((name) => !names.has(name));
  if (others.length > 0) throw sharedByOthers(place, [...names], others);
  for (const name of names) {
    const [was, is] = [findUser(before, name), findUser(after, name)];
    if (!isRight(name, was.exec, is.exec)) throw tooUnusual(before, name);
  }
  return text;
}

function withoutHint({ installHint: _hint, ...rest }: ExecValue): ExecValue {
  return rest;
}

function notItsOwn({ place }: EditableKubeconfig, name: string, owner?: string): EKSAuthError {
  const where = owner === undefined ? 'elsewhere in the file' : `in the user ${shown(owner)}`;
  const remedy =
    owner === undefined
      ? 'Write its exec out in the user itself.'
      : `Name both users, or write the exec of ${shown(name)} out.`;
  return invalid(`The exec of user ${shown(name)} in ${place} stands ${where} (an alias or a merge).`, remedy);
}

function sharedByOthers(place: string, names: readonly string[], others: readonly string[]): EKSAuthError {
  const sharing = others.slice(0, 3).map(shown).join(', ');
  const message = `${names.map(shown).slice(0, 3).join(', ')} in ${place} shares its exec with ${sharing} through an anchor (&name).`;
  return invalid(message, 'Name all of them, or write the stanza out for each user.');
}

function tooUnusual({ place }: EditableKubeconfig, name: string): EKSAuthError {
  const message = `The exec of user ${shown(name)} in ${place} is written in a way that cannot be changed with certainty.`;
  return invalid(message, `Write it out as \`${updateKubeconfig(place)}\` does. Nothing was changed.`);
}

function notOurs({ place }: EditableKubeconfig, name: string, exec: ExecValue): EKSAuthError {
  const command = shown(String(exec.command));
  return invalid(
    `User ${shown(name)} in ${place} runs ${command}, not ekspress-exec: there is nothing to revert.`,
    'Run `ekspress status` to see the state of every context.',
  );
}

function byHand({ place }: EditableKubeconfig, name: string): EKSAuthError {
  return invalid(
    `User ${shown(name)} in ${place} gives ekspress-exec a cluster and a region. That was written by hand, so there is no original command.`,
    `Write it again with \`${updateKubeconfig(place)}\`.`,
  );
}

function drifted({ place }: EditableKubeconfig, name: string): EKSAuthError {
  return invalid(
    `The exec of user ${shown(name)} in ${place} has been changed since it was applied, so the original is not certain.`,
    `Write it again with \`${updateKubeconfig(place)}\`, or take it from the backup: \`ekspress status --debug\` names it.`,
  );
}

function uncertain(place: string, what: string): EKSAuthError {
  return invalid(
    `${what}: ${place} is written in a way that cannot be edited with certainty.`,
    `Nothing was changed. Write the exec of that user again as \`${updateKubeconfig(place)}\` does.`,
  );
}

function invalid(message: string, remedy: string): EKSAuthError {
  return new EKSAuthError('INVALID_KUBECONFIG', message, { remedy });
}
