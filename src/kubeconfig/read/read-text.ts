import type { Stats } from 'node:fs';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { EKSAuthError } from '../../errors.ts';
import { HOMELESS } from '../../host.ts';
import { readToLimit } from '../../system/read-file.ts';
import { shellCommand } from '../../text/shell-command.ts';
import { shellOption } from '../../text/shell-word.ts';
import { readPipe } from './read-pipe.ts';
import { remedyAt } from './text-remedy.ts';

/** The largest file that is read: 1,000 EKS clusters take 2.2 MB. */
export const MAX_FILE_BYTES: number = 32 * 1024 * 1024;
/** The longest string that is parsed: a string may come from an untrusted source, and parsing blocks the event loop. */
export const MAX_STRING_CHARS: number = 1024 * 1024;

const OTHER_FILE = 'Name another file, or set KUBECONFIG.';
const PASS_ONE =
  'Pass the text of a kubeconfig. Check whether it was read before it was written, or a variable is unset.';
const PASS_TEXT = 'Have its author send the text of a kubeconfig, in UTF-8.';
/** What makes a kubeconfig at this path, and not at another one. */
const writeOne = (path: string): string =>
  `Write one with \`aws eks update-kubeconfig --name CLUSTER --region REGION ${shellOption('--kubeconfig', path)}\`, or name another file.`;

/**
 * The text of a kubeconfig file, or of a pipe.
 * @param oneOfSeveral - whether it is one of a list, where kubectl treats an empty file as absent
 * @returns undefined if there is no such file
 * @throws EKSAuthError INVALID_KUBECONFIG if the file cannot be used
 */
export async function readKubeconfigText(path: string, oneOfSeveral = false): Promise<string | undefined> {
  let handle: FileHandle | undefined;
  try {
    // O_NONBLOCK: the opening of a FIFO without a writer would wait for ever.
    handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stats = await handle.stat();
    refuseUnfit(path, stats);
    const bytes = await (stats.isFIFO() ? readPipe(handle, path, MAX_FILE_BYTES) : readToLimit(handle, MAX_FILE_BYTES));
    const text = decode(path, bytes);
    return oneOfSeveral && text.trim() === '' ? undefined : checkKubeconfigText(text, path);
  } catch (error) {
    if (error instanceof EKSAuthError) throw error;
    if (isMissing(error)) return undefined;
    throw unreadable(path, error);
  } finally {
    await handle?.close();
  }
}

/** The error for a path that the caller has named and that does not exist, with what this caller can do. */
export function noSuchFile(paths: readonly string[], remedy: string = writeOne(paths[0] ?? 'FILE')): EKSAuthError {
  if (paths.some((path) => path.startsWith(`${HOMELESS}/`))) {
    const message = 'There is no kubeconfig: HOME is not set, and this user has no entry in the passwd database.';
    return new EKSAuthError('INVALID_KUBECONFIG', message, { remedy: 'Set HOME, or name a kubeconfig in KUBECONFIG.' });
  }
  const what =
    paths.length === 1 ? `There is no kubeconfig at ${paths[0]}.` : `None of these exist: ${paths.join(', ')}.`;
  return new EKSAuthError('INVALID_KUBECONFIG', what, { remedy });
}

/**
 * Refuses text that must not reach a parser: empty text and binary data.
 * @throws EKSAuthError INVALID_KUBECONFIG
 */
export function checkKubeconfigText(text: string, place: string): string {
  if (!/\S/.test(text)) throw invalid(`${place} is empty.`, remedyAt(place, writeOne(place), PASS_ONE));
  if (text.includes('\0'))
    throw invalid(`${place} is not text: it contains NUL bytes.`, remedyAt(place, OTHER_FILE, PASS_TEXT));
  return text;
}

function decode(path: string, bytes: Buffer | undefined): string {
  if (bytes === undefined || bytes.length > MAX_FILE_BYTES) throw tooLarge(path);
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (utf16) {
    throw invalid(`${path} is written in UTF-16, which kubectl does not read either.`, 'Save it as UTF-8.');
  }
  return bytes.toString('utf8');
}

function refuseUnfit(path: string, stats: Stats): void {
  if (stats.isDirectory()) {
    throw invalid(`${path} is a directory, not a kubeconfig.`, `Name the file in it, for example ${path}/config.`);
  }
  if (!stats.isFile() && !stats.isFIFO()) throw invalid(`${path} is not a regular file.`, OTHER_FILE);
  if (stats.size > MAX_FILE_BYTES) throw tooLarge(path, stats.size);
}

function tooLarge(path: string, bytes?: number): EKSAuthError {
  const what =
    bytes === undefined ? 'grows while it is read, or has no end' : `has ${Math.ceil(bytes / 1024 / 1024)} MiB`;
  return invalid(`${path} ${what}; a kubeconfig has at most ${MAX_FILE_BYTES / 1024 / 1024} MiB.`, OTHER_FILE);
}

function unreadable(path: string, error: unknown): EKSAuthError {
  const code = codeOf(error);
  const denied = code === 'EACCES' || code === 'EPERM';
  const remedy = denied
    ? `Give this user the right to read it: see \`${shellCommand('seeRights', path)}\`.`
    : OTHER_FILE;
  return new EKSAuthError('INVALID_KUBECONFIG', `${path} cannot be read (${code ?? 'unknown error'}).`, {
    remedy,
    cause: error,
  });
}

function invalid(message: string, remedy: string): EKSAuthError {
  return new EKSAuthError('INVALID_KUBECONFIG', message, { remedy });
}

function isMissing(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
