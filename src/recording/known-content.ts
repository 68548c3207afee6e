import type { BigIntStats } from 'node:fs';
import { MOST_BYTES, readToLimitSync } from '../system/read-file.ts';

/** From this size on the bytes of a file are kept: a bundle of certificates, which every mint compares. */
const LARGE_BYTES = 32_768n;
/** How many files are kept. */
const KEPT = 4;
/** A later write could leave the date of a younger file as it is, on a file system that dates by whole or even seconds. */
const SETTLED_MS = 2_100;

interface KnownContent {
  readonly state: string;
  readonly bytes: Buffer;
}

const known: KnownContent[] = [];

/**
 * The bytes of an open file. Thousands of mints that begin together share the bytes of a large file that has not changed.
 * Nothing may write to them. Undefined for more bytes than any such file has.
 */
export function contentOf(handle: number, stats: BigIntStats): Buffer | undefined {
  if (stats.size < LARGE_BYTES) return readToLimitSync(handle, MOST_BYTES);
  const { dev, ino, size, mtimeNs, ctimeNs } = stats;
  const state = [dev, ino, size, mtimeNs, ctimeNs].join(' ');
  const found = known.find((one) => one.state === state);
  if (found) return found.bytes;
  const bytes = readToLimitSync(handle, MOST_BYTES);
  const settled = Date.now() - Number(ctimeNs / 1_000_000n) > SETTLED_MS;
  if (settled && bytes !== undefined && BigInt(bytes.length) === size) {
    known.unshift({ state, bytes });
    known.length = Math.min(known.length, KEPT);
  }
  return bytes;
}
