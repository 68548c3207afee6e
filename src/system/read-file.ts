import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats, statSync } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';

const { O_RDONLY, O_NOCTTY = 0, O_NONBLOCK = 0 } = constants;
/** None of the files that are read whole is nearly as long. */
const MOST_BYTES = 32 * 1024 * 1024;

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
    return await handle.readFile();
  } finally {
    await handle.close();
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
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

function requireFile(path: string, stats: Stats): void {
  if (stats.isDirectory()) throw refusal('EISDIR', 'is a directory', path);
  if (!stats.isFile()) throw refusal('ENOTSUP', 'is not a regular file', path);
  if (stats.size > MOST_BYTES) throw refusal('EFBIG', 'is too long', path);
}

function refusal(code: string, what: string, path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${path} ${what}`), { code, path });
}
