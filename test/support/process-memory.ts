import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

/** Longer areas are not the heap of a small server. */
const LONGEST = 256 * 1024 * 1024;

/** All that a process of this machine may write to in its memory, in pieces. For Linux. */
export function* writableMemory(pid: number): Generator<Buffer> {
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
      const [, from = '', to = ''] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? [];
      const [start, length] = [Number.parseInt(from, 16), Number.parseInt(to, 16) - Number.parseInt(from, 16)];
      if (!(length > 0 && length <= LONGEST)) continue;
      const bytes = Buffer.alloc(length);
      let read = 0;
      try {
        read = readSync(memory, bytes, 0, length, BigInt(start));
      } catch {
        // Some areas belong to the kernel.
      }
      yield bytes.subarray(0, read);
    }
  } finally {
    closeSync(memory);
  }
}
