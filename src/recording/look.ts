import { type BigIntStats, closeSync, constants, fstatSync, openSync, realpathSync, statSync } from 'node:fs';
import { open, realpath, stat } from 'node:fs/promises';
import type { RecordedFile } from './recording.ts';

const SECOND_NS = 1_000_000_000n;

const { O_RDONLY, O_NONBLOCK = 0 } = constants;

/** The file at a path as it is now. @throws the system's error where its state cannot be determined */
export async function lookAtFile(path: string, program = false): Promise<RecordedFile> {
  try {
    const [{ mtimeNs, ctimeNs, size, ino: inode, isDirectory }, real] = await Promise.all([
      program ? statOf(path) : readableStatOf(path),
      realpath(path),
    ]);
    if (isDirectory) return withoutFile(path, 'unreadable', program);
    if (mtimeNs < 0n) throw new Error('it is dated before 1970');
    const target = real === path ? undefined : real;
    return { path, state: 'file', target, mtimeNs, ctimeNs, size, inode, program };
  } catch (error) {
    const state = stateAfter(error);
    if (state === undefined) throw error;
    return withoutFile(path, state, program);
  }
}

/** Whether a file has not changed since it was recorded. Never throws. */
export async function isAsRecorded(file: RecordedFile): Promise<boolean> {
  try {
    return isSameFile(file, await lookAtFile(file.path, file.program));
  } catch {
    return false;
  }
}

/** {@link isAsRecorded} for a process that does nothing else meanwhile: it starts sooner without promises. */
export function isAsRecordedSync(file: RecordedFile): boolean {
  try {
    return isSameFile(file, lookAtFileSync(file.path, file.program));
  } catch {
    return false;
  }
}

function lookAtFileSync(path: string, program: boolean): RecordedFile {
  try {
    const stats = program ? statSync(path, { bigint: true }) : readableStatSync(path);
    if (stats.isDirectory()) return withoutFile(path, 'unreadable', program);
    const { mtimeNs, ctimeNs, size, ino: inode } = stats;
    const real = realpathSync.native(path);
    return { path, state: 'file', target: real === path ? undefined : real, mtimeNs, ctimeNs, size, inode, program };
  } catch (error) {
    const state = stateAfter(error);
    if (state === undefined) throw error;
    return withoutFile(path, state, program);
  }
}

function readableStatSync(path: string): BigIntStats {
  const file = openSync(path, O_RDONLY | O_NONBLOCK);
  try {
    return fstatSync(file, { bigint: true });
  } finally {
    closeSync(file);
  }
}

/** Whether two looks at one path found the same file: it was neither written nor replaced in between. */
export function isSameFile(one: RecordedFile, other: RecordedFile): boolean {
  if (one.state !== other.state || one.target !== other.target || one.mtimeNs !== other.mtimeNs) return false;
  if (!hasGivenDate(one) && !hasGivenDate(other)) return true;
  return one.ctimeNs === other.ctimeNs && one.size === other.size && one.inode === other.inode;
}

/**
 * Whether a program has set the date of a file, as an archive, `touch -d` or the layer of an image does. Such a date is
 * a whole second, and not the second of the last change. Another file may have the same date, so a reader then compares
 * more. An installer always sets the date of a program, so there it counts as it is.
 */
export function hasGivenDate({ state, program, mtimeNs, ctimeNs }: RecordedFile): boolean {
  if (state !== 'file' || program) return false;
  return mtimeNs % SECOND_NS === 0n && mtimeNs / SECOND_NS !== ctimeNs / SECOND_NS;
}

/** Milliseconds since the file was written, by this machine's clock (not an injected one: the kernel dates files). */
export function ageMs({ mtimeNs }: RecordedFile): number {
  return Date.now() - Number(mtimeNs / 1_000_000n);
}

interface FileStat {
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly size: bigint;
  readonly ino: bigint;
  readonly isDirectory: boolean;
}

async function statOf(path: string): Promise<FileStat> {
  const stats = await stat(path, { bigint: true });
  const { mtimeNs, ctimeNs, size, ino } = stats;
  return { mtimeNs, ctimeNs, size, ino, isDirectory: stats.isDirectory() };
}

/** Opens the file: only an open tells whether the file can be read. */
async function readableStatOf(path: string): Promise<FileStat> {
  // Non-blocking: a pipe must not wait for its writer.
  const handle = await open(path, O_RDONLY | O_NONBLOCK);
  try {
    const stats = await handle.stat({ bigint: true });
    const { mtimeNs, ctimeNs, size, ino } = stats;
    return { mtimeNs, ctimeNs, size, ino, isDirectory: stats.isDirectory() };
  } finally {
    await handle.close();
  }
}

/** The state of the file that an error means; undefined: the error says nothing about it. */
function stateAfter(error: unknown): 'absent' | 'unreadable' | undefined {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
    // No file can have such a name, and a shell cannot tell this from a name that nothing has.
    case 'ENAMETOOLONG':
      return 'absent';
    case 'EACCES':
    case 'EPERM':
    case 'EISDIR':
    case 'ELOOP':
      return 'unreadable';
    default:
      return undefined;
  }
}

function withoutFile(path: string, state: 'absent' | 'unreadable', program: boolean): RecordedFile {
  return { path, state, target: undefined, mtimeNs: 0n, ctimeNs: 0n, size: 0n, inode: 0n, program };
}
