import { stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { ageMs } from '../../recording/look.ts';
import type { RecordedFile } from '../../recording/recording.ts';
import type { Precision } from '../entry/entry.ts';
import { createPrivateFile, isOurs } from './private-file.ts';

/** The folder of the stamp files, inside the cache directory. */
export const STAMPS = 'stamps';

/**
 * How far the two stamps of a source lie from its mtime. Node hands times to the kernel as microseconds, rounded
 * through a double; a file system with whole or even seconds needs more.
 */
const DISTANCES_NS = [3_000n, 1_000_000_000n, 2_000_000_000n] as const;

/** A source that was older than this when it was read cannot be rewritten within the same second. */
const WHOLE_SECOND_MS = 1100;
/** The same if the two stamps lie seconds apart. */
const WIDE_STAMPS_MS = 5000;

/**
 * Makes a pair of stamp files for every existing source, one dated just before its mtime and one just after. A shell
 * compares the source with them. A stamp never changes: its name is the mtime that it belongs to.
 * @returns which comparison with the stamps can be trusted
 * @throws the file system's error
 */
export async function makeStamps(directory: string, files: readonly RecordedFile[]): Promise<Precision> {
  let precision: Precision = 'whole';
  for (const file of files) {
    if (file.state !== 'file') continue;
    const [before, after] = await makePair(join(directory, STAMPS, `${file.mtimeNs}`), file.mtimeNs);
    const needed = precisionFor(file, before, after);
    if (needed === 'node' || precision === 'whole') precision = needed;
  }
  return precision;
}

/** Makes the stamp of a Unix time. A shell without a clock compares a new file with it to see whether that time is past. */
export async function makeTimeStamp(directory: string, seconds: number): Promise<void> {
  await makeStamp(join(directory, STAMPS, `${seconds}=`), BigInt(seconds) * 1_000_000_000n);
}

function precisionFor(file: RecordedFile, before: bigint, after: bigint): Precision {
  const age = ageMs(file);
  const wide = after - before > 2n * DISTANCES_NS[0] + 2_000n;
  if (wide) return age < WIDE_STAMPS_MS ? 'node' : 'whole';
  if (age >= WHOLE_SECOND_MS) return 'whole';
  // The script tests whether its shell compares fractions by comparing the two stamps, which must share their second.
  const sameSecond = before / 1_000_000_000n === after / 1_000_000_000n;
  return sameSecond ? 'fine' : 'node';
}

async function makePair(path: string, mtimeNs: bigint): Promise<[before: bigint, after: bigint]> {
  for (const distance of DISTANCES_NS) {
    const before = await makeStamp(`${path}-`, mtimeNs > distance ? mtimeNs - distance : 0n);
    const after = await makeStamp(`${path}+`, mtimeNs + distance);
    if (before <= mtimeNs && mtimeNs <= after) return [before, after];
  }
  throw new Error(`the file system cannot date files near ${mtimeNs} ns`);
}

/**
 * Dates the file, or makes it, also in the place of another user's, which means nothing to the script. Its new ctime marks it
 * as used.
 * @returns the mtime that the file really has
 */
async function makeStamp(path: string, mtimeNs: bigint): Promise<bigint> {
  const seconds = Number(mtimeNs / 1000n) / 1e6;
  const found = await stat(path).catch(() => undefined);
  if (found && isOurs(found)) await utimes(path, seconds, seconds);
  else await createPrivateFile(path, '', seconds);
  return (await stat(path, { bigint: true })).mtimeNs;
}
