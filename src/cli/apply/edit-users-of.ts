import type { EKSAuthError } from '../../errors.ts';
import { editFile } from '../../kubeconfig/edit/edit-file.ts';
import type { EditableKubeconfig } from '../../kubeconfig/edit/edit-kubeconfig.ts';
import type { AppliedRecord } from '../../kubeconfig/edit/edit-records.ts';
import type { ReportRefusal } from '../../kubeconfig/edit/edit-users.ts';
import { ekspressHome } from '../../plugin/ekspress-home.ts';
import type { Terminal } from '../command.ts';
import type { ChosenUser } from './choose.ts';
import type { FileResult } from './outcome.ts';

/** An edit of the users of one file. */
export interface UsersEdit {
  /** Whether users that cannot be changed are skipped. */
  readonly skipRefused: boolean;
  /** Whether it is a revert, which needs no backup. */
  readonly isRevert: boolean;
  readonly edit: (kubeconfig: EditableKubeconfig, users: readonly ChosenUser[], refuse?: ReportRefusal) => string;
  readonly record: (before: AppliedRecord, kubeconfig: EditableKubeconfig, names: readonly string[]) => AppliedRecord;
}

/** The result for all files. */
export interface UsersEdited {
  readonly files: readonly FileResult[];
  /** Users that stay as they are. */
  readonly refused: readonly EKSAuthError[];
}

/** The users by the file that holds them. */
export function byFile(users: readonly ChosenUser[]): ReadonlyMap<string, readonly ChosenUser[]> {
  const files = new Map<string, ChosenUser[]>();
  for (const user of users) files.set(user.file, [...(files.get(user.file) ?? []), user]);
  return files;
}

/**
 * Edits one file after the other, each one atomically. Ctrl-C ends the command between two files.
 * @throws EKSAuthError
 */
export async function editUsersOf(
  users: readonly ChosenUser[],
  { env, signal }: Terminal,
  { skipRefused, isRevert, edit, record }: UsersEdit,
): Promise<UsersEdited> {
  const files: FileResult[] = [];
  const refused = new Map<string, EKSAuthError>();
  for (const [place, own] of byFile(users)) {
    signal.throwIfAborted();
    const left = new Set<string>();
    const refuse: ReportRefusal = (error, user) => {
      left.add(user);
      refused.set(`${place}\n${user}`, error);
    };
    const changing = () => own.filter(({ user }) => !left.has(user));
    const done = await editFile(place, (kubeconfig) => edit(kubeconfig, own, skipRefused ? refuse : undefined), {
      home: ekspressHome(env),
      now: () => new Date(),
      signal,
      withoutBackup: isRevert,
      record: (before, kubeconfig) =>
        record(
          before,
          kubeconfig,
          changing().map(({ user }) => user),
        ),
    });
    files.push({ ...done, place, users: changing() });
  }
  return { files, refused: [...refused.values()] };
}
