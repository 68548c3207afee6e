import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';

const { O_RDONLY, O_NOCTTY = 0, O_NONBLOCK = 0 } = constants;
/** None of the files that are read whole is nearly as long. */
export const MOST_BYTES: number = 32 * 1024 * 1024;
/** The first part of a file whose length is not known, as of those that a kernel makes up. */
const PART_BYTES = 8 * 1024;

/**
 * Opens a file of which the path is known and not what lies there. A pipe, a socket or a device is not opened: a pipe waits
 * for its other end for ever, and the opening of a device can have an effect. What has replaced the file since the look is not
 * waited for, and refused.
 * @param flags - of `open`, without those that make a file
 * @throws the system's error; ENOTSUP for anything but a regular file, EFBIG for one that is too long
 */
export async function openFile(path: string, flags: number = O_RDONLY): Promise<FileHandle> {
  requireFile(path, await stat(path));
  const handle = await open(path, flags | O_NONBLOCK | O_NOCTTY);
  try {
    requireFile(path, await handle.stat());
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** The bytes of a file. @throws as {@link openFile} */
export async function readBytes(path: string): Promise<Buffer> {
  const handle = await openFile(path);
  try {
    return requireShort(path, await readToLimit(handle, MOST_BYTES));
  } finally {
    await handle.close();
  }
}

/**
 * The bytes of an open file, from where it stands. The length that a look at it gave is not believed: a file may grow while it
 * is read, and a kernel gives the length 0 to files that it makes up.
 * @returns undefined where there are more bytes than `most`
 */
export async function readToLimit(handle: FileHandle, most: number): Promise<Buffer | undefined> {
  const parts = new Parts(most, (await handle.stat()).size);
  while (parts.add((await handle.read(parts.room)).bytesRead));
  return parts.whole();
}

/** {@link readToLimit} where the caller cannot wait. */
export function readToLimitSync(file: number, most: number): Buffer | undefined {
  const parts = new Parts(most, fstatSync(file).size);
  while (parts.add(readSync(file, parts.room)));
  return parts.whole();
}

/** The bytes that have been read of a file, and the room for the next ones: for one part more than the limit in all. */
class Parts {
  room: Buffer;
  readonly #most: number;
  readonly #read: Buffer[] = [];
  #length = 0;

  constructor(most: number, likely: number) {
    this.#most = most;
    // One more, so that a read of nothing shows the end.
    this.room = this.#roomFor(likely > 0 ? likely + 1 : PART_BYTES);
  }

  /** @returns whether there may be more */
  add(bytes: number): boolean {
    if (bytes === 0) return false;
    this.#read.push(this.room.subarray(0, bytes));
    this.#length += bytes;
    const left = this.room.subarray(bytes);
    this.room = left.length > 0 ? left : this.#roomFor(Math.max(this.#length, PART_BYTES));
    return this.room.length > 0;
  }

  whole(): Buffer | undefined {
    if (this.#length > this.#most) return undefined;
    const [first = this.room.subarray(0, 0)] = this.#read;
    return this.#read.length <= 1 ? first : Buffer.concat(this.#read);
  }

  #roomFor(bytes: number): Buffer {
    return Buffer.allocUnsafeSlow(Math.max(0, Math.min(bytes, this.#most + PART_BYTES - this.#length)));
  }
}

/** The text of a file in UTF-8. @throws as {@link openFile} */
export async function readText(path: string): Promise<string> {
  return (await readBytes(path)).toString('utf8');
}

/** {@link readBytes} where the caller cannot wait. */
export function readBytesSync(path: string): Buffer {
  requireFile(path, statSync(path));
  const file = openSync(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  try {
    requireFile(path, fstatSync(file));
    return requireShort(path, readToLimitSync(file, MOST_BYTES));
  } finally {
    closeSync(file);
  }
}

function requireFile(path: string, stats: Stats): void {
  if (stats.isDirectory()) throw refusal('EISDIR', 'is a directory', path);
  if (!stats.isFile()) throw refusal('ENOTSUP', 'is not a regular file', path);
  if (stats.size > MOST_BYTES) throw refusal('EFBIG', 'is too long', path);
}

function requireShort(path: string, bytes: Buffer | undefined): Buffer {
  if (bytes === undefined) throw refusal('EFBIG', 'is too long', path);
  return bytes;
}

function refusal(code: string, what: string, path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${path} ${what}`), { code, path });
}
