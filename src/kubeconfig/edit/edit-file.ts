import { realpath, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { EKSAuthError } from '../../errors.ts';
import { type EkspressHome, writeThere } from '../../plugin/ekspress-home.ts';
import { readBytes } from '../../system/read-file.ts';
import { noSuchFile, readKubeconfigText } from '../read/read-text.ts';
import { type EditableKubeconfig, readEditable } from './edit-kubeconfig.ts';
import { type AppliedRecord, backUp, readRecord, writeRecord } from './edit-records.ts';
import { whileLocked } from './lock-kubeconfig.ts';
import { isUnfinished, restoreUnfinished, writeInPlace } from './write-in-place.ts';
import { findWritable, replaceFound } from './write-kubeconfig.ts';

/**
 * How often another writer without locks (the AWS CLI) may interrupt the edit. A writer that interrupts it more often
 * runs in a loop.
 */
const ATTEMPTS = 5;

export interface FileEditOptions {
  readonly home: EkspressHome;
  readonly now: () => Date;
  readonly signal?: AbortSignal | undefined;
  /** Whether the edit goes on if the backup and the record cannot be written. Reverting does. */
  readonly withoutBackup?: boolean | undefined;
  /** The record of the file after the edit. */
  readonly record: (before: AppliedRecord, kubeconfig: EditableKubeconfig) => AppliedRecord;
}

/** The result of an edit of one file. */
export interface FileEdit {
  /** The real path of the file. */
  readonly file: string;
  readonly changed: boolean;
  /** The backup from before the first change, if there is one. */
  readonly backup: string | undefined;
}

/**
 * Edits a kubeconfig in its place. It is read under client-go's lock and replaced atomically. A backup from before the
 * first change is kept.
 * @throws EKSAuthError; then the file has not been changed
 */
export async function editFile(
  path: string,
  edit: (kubeconfig: EditableKubeconfig) => string,
  options: FileEditOptions,
): Promise<FileEdit> {
  const { path: file } = await findWritable(path);
  const work = async (): Promise<FileEdit> => {
    await restoreUnfinished(options.home, file);
    return attempt(path, edit, options);
  };
  return whileLocked([await lockName(path), file], work, { signal: options.signal });
}

/**
 * Restores a kubeconfig whose edit was cut off by a crash, before it is read. A file that is being edited, or that cannot be
 * restored, stays as it is.
 */
export async function restoreFile(path: string, home: EkspressHome): Promise<void> {
  try {
    const file = await realpath(path);
    if (!(await isUnfinished(home, file))) return;
    await whileLocked([await lockName(path), file], () => restoreUnfinished(home, file));
  } catch {
    // The reader of the file says what is wrong with it.
  }
}

/** The path that kubectl locks, with the real path of its folder. Two notations of one path thus have one lock. */
async function lockName(path: string): Promise<string> {
  return join(await realpath(dirname(path)), basename(path));
}

/** Reads a kubeconfig file with the place of every stanza. @throws EKSAuthError INVALID_KUBECONFIG */
export async function readEditableFile(path: string): Promise<EditableKubeconfig> {
  const text = await readKubeconfigText(path);
  if (text === undefined) throw noSuchFile([path]);
  return readEditable(text, path);
}

async function attempt(
  path: string,
  edit: (kubeconfig: EditableKubeconfig) => string,
  { home, now, signal, record, withoutBackup = false }: FileEditOptions,
): Promise<FileEdit> {
  const keep = <T>(write: () => Promise<T>): Promise<T | undefined> =>
    withoutBackup ? write().catch(() => undefined) : writeThere(home, write);
  for (let count = 1; count <= ATTEMPTS; count += 1) {
    const found = await findWritable(path);
    const file = found.path;
    const before = await readEditableFile(file);
    const text = edit({ ...before, place: path });
    const known = await readRecord(home, file);
    if (text === before.text) return { file, changed: false, backup: known.backup };
    signal?.throwIfAborted();
    const first = known.backup === undefined || Object.keys(known.users).length === 0;
    const backup = first ? await keep(() => backUp(home, file, found.bytes, now())) : known.backup;
    // The record is written first. After a crash in between, the status says "drifted", so that the user looks at it.
    await keep(() => writeRecord(home, record({ ...known, backup }, before)));
    const takeBack = async () => {
      await keep(() => writeRecord(home, known));
      // Its secrets are not needed a second time, and too many copies would push out older ones.
      const same = await readBytes(file).then(
        (bytes) => bytes.equals(found.bytes),
        () => false,
      );
      if (first && same && backup !== undefined) await rm(backup, { force: true });
    };
    const replaced = await replaceFound(found, text, (whole) => writeInPlace(home, found, whole)).catch(
      async (error) => {
        await takeBack().catch(() => undefined);
        throw error;
      },
    );
    if (replaced) return { file, changed: true, backup };
    await takeBack();
  }
  throw new EKSAuthError('INVALID_KUBECONFIG', `${path} is being written by another program again and again.`, {
    remedy: 'End that program (a loop around `aws eks update-kubeconfig`?) and try again. Nothing was changed.',
  });
}
