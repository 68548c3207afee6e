import type { FileHandle } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { EKSAuthError } from '../../errors.ts';

/** How long a pipe may take to deliver its text. A command that asks AWS writes it after some seconds. */
const PATIENCE_MS = 60_000;
/** How long a FIFO may have no writer. Node opens it without waiting for one. */
const WRITER_MS = 5_000;
const POLL_MS = 10;

/** What this process has read from pipes. A pipe delivers its text once, and a program may read its kubeconfig twice. */
const read = new Map<string, Promise<Buffer>>();

/**
 * The content of a pipe or FIFO, such as `<(command)` of a shell. It is read once in a process; later calls get the same
 * content.
 * @param handle - opened without blocking
 * @param most - the largest number of bytes that is read; one more is delivered at most
 * @throws EKSAuthError TIMEOUT if the writer does not end within a minute
 */
export async function readPipe(handle: FileHandle, path: string, most: number): Promise<Buffer> {
  const { dev, ino } = await handle.stat();
  const key = `${dev}:${ino}:${path}`;
  const known = read.get(key) ?? readToEnd(handle, path, most);
  read.set(key, known);
  // A pipe that has delivered nothing may deliver something later.
  known.catch(() => read.delete(key));
  return known;
}

async function readToEnd(handle: FileHandle, path: string, most: number): Promise<Buffer> {
  const begun = performance.now();
  const passed = (limit: number): boolean => performance.now() - begun >= limit;
  const parts: Buffer[] = [];
  let length = 0;
  let written = false;
  while (length <= most) {
    const part = Buffer.alloc(64 * 1024);
    const bytes = await handle.read(part).then(
      ({ bytesRead }) => bytesRead,
      (error: unknown) => {
        // There is a writer that has not written yet.
        if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return undefined;
        throw error;
      },
    );
    if (bytes === undefined) written = true;
    else if (bytes > 0) {
      parts.push(part.subarray(0, bytes));
      length += bytes;
      continue;
    } else if (length > 0 || written || passed(WRITER_MS)) break;
    if (passed(PATIENCE_MS)) throw tooSlow(path);
    await sleep(POLL_MS);
  }
  return Buffer.concat(parts);
}

function tooSlow(path: string): EKSAuthError {
  const message = `${path} is a pipe whose writer has not ended within ${PATIENCE_MS / 1000} seconds.`;
  return new EKSAuthError('TIMEOUT', message, { remedy: 'Run the command that writes to it by hand, to a file.' });
}
