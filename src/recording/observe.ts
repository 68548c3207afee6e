import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { contentOf } from './known-content.ts';
import { ageMs } from './look.ts';
import type { RecordedFile } from './recording.ts';

const { O_RDONLY, O_NONBLOCK = 0 } = constants;

/**
 * Kernels date files by a clock that ticks every 1 to 10 ms. A second write within one tick does not change the date.
 */
const TICK_MS = 20;
/** A date without a fraction shows a file system with whole or even seconds only (FAT, old NFS servers). */
const SECOND_NS = 1_000_000_000n;
const COARSE_TICK_MS = 2100;

/** What a read found: the bytes, or why there are none. */
export type FileRead =
  | { readonly state: 'file'; readonly bytes: Buffer }
  | { readonly state: 'absent' | 'unreadable'; readonly code: string };

export interface Observed {
  readonly read: FileRead;
  /** The file without its target, which is looked at after the mint. */
  readonly file: RecordedFile;
  /** Why the state of the file is not known for certain. */
  readonly unsettled?: string;
}

/** As {@link observeFile}, but waits until the file is older than a tick of the kernel's clock. */
export async function observeSettled(path: string, read: boolean): Promise<Observed> {
  let observed = observeFile(path, read);
  const { file } = observed;
  if (file.state !== 'file') return observed;
  const age = ageMs(file);
  if (age >= 0 && age < TICK_MS) {
    await sleep(TICK_MS - age);
    observed = observeFile(path, read);
  }
  const onlySeconds = observed.file.state === 'file' && observed.file.mtimeNs % SECOND_NS === 0n;
  if (!onlySeconds || Math.abs(ageMs(observed.file)) >= COARSE_TICK_MS) return observed;
  return { ...observed, unsettled: 'has just been written, on a file system that dates by seconds' };
}

/** Opens a file, and looks at it before and after the read, all through one handle. Synchronous. Never throws. */
export function observeFile(path: string, read: boolean): Observed {
  try {
    // A stat is cheaper than the exception of an open, and most files of a mint are absent.
    if (statSync(path, { throwIfNoEntry: false }) === undefined) return without(path, 'absent', 'ENOENT');
    const handle = openSync(path, O_RDONLY | O_NONBLOCK);
    try {
      return observeHandle(path, handle, read);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return without(path, 'absent', code);
    const known = ['EACCES', 'EPERM', 'EISDIR', 'ELOOP'].includes(code);
    return { ...without(path, 'unreadable', code), ...(!known && { unsettled: `cannot be looked at (${code})` }) };
  }
}

function observeHandle(path: string, handle: number, read: boolean): Observed {
  const before = fstatSync(handle, { bigint: true });
  if (!before.isFile()) return without(path, 'unreadable', before.isDirectory() ? 'EISDIR' : 'not a regular file');
  const bytes = read ? contentOf(handle, before) : Buffer.alloc(0);
  // The original command may read it to its end.
  if (bytes === undefined) return { ...without(path, 'unreadable', 'EFBIG'), unsettled: 'is too long' };
  const after = read ? fstatSync(handle, { bigint: true }) : before;
  const file = recorded(path, after, false);
  const settled = before.mtimeNs === after.mtimeNs && before.size === after.size && before.ctimeNs === after.ctimeNs;
  return { read: { state: 'file', bytes }, file, ...(!settled && { unsettled: 'changes while it is read' }) };
}

/** The file of a program. Never throws. */
export function observeProgram(path: string): RecordedFile {
  const stats = statOf(path);
  return stats ? recorded(path, stats, true) : nothing(path, 'absent', true);
}

function statOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** The first bytes of a file; undefined where it cannot be read. */
export function programHead(path: string, length: number): Buffer | undefined {
  const bytes = Buffer.alloc(length);
  try {
    const handle = openSync(path, O_RDONLY | O_NONBLOCK);
    try {
      return bytes.subarray(0, readSync(handle, bytes, 0, length, 0));
    } finally {
      closeSync(handle);
    }
  } catch {
    return undefined;
  }
}

function nothing(path: string, state: 'absent' | 'unreadable', program: boolean): RecordedFile {
  return { path, state, target: undefined, mtimeNs: 0n, ctimeNs: 0n, size: 0n, inode: 0n, program };
}

function without(path: string, state: 'absent' | 'unreadable', code: string): Observed {
  return { read: { state, code }, file: nothing(path, state, false) };
}

function recorded(path: string, { mtimeNs, ctimeNs, size, ino }: BigIntStats, program: boolean): RecordedFile {
  return { path, state: 'file', target: undefined, mtimeNs, ctimeNs, size, inode: ino, program };
}

/** The observation of an empty path, which names no file. */
export const NO_FILE: Observed = without('', 'absent', 'ENOENT');
