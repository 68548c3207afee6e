import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { observeFile } from '../../src/recording/observe.ts';
import { temporaryFolder } from '../support/temporary.ts';

const BUNDLE = 200_000;

function bytesOf(path: string): Buffer {
  const { read } = observeFile(path, true);
  if (read.state !== 'file') throw new Error(read.state);
  return read.bytes;
}

/** Whether two reads give the same bytes in memory. */
function sharesBytes(path: string): boolean {
  const first = bytesOf(path);
  return first === bytesOf(path);
}

describe('a bundle of certificates that many mints read', () => {
  it('takes memory once, after it has lain still for a while', async () => {
    const path = join(temporaryFolder('bundle'), 'ca.pem');
    writeFileSync(path, 'a'.repeat(BUNDLE));
    await expect.poll(() => sharesBytes(path), { timeout: 15_000, interval: 200 }).toBe(true);
    expect(bytesOf(path).toString()).toBe('a'.repeat(BUNDLE));
  });

  it('is read again after a change that leaves its size and date as they were', async () => {
    const path = join(temporaryFolder('bundle'), 'ca.pem');
    const date = new Date('2026-01-02T03:04:05.678Z');
    writeFileSync(path, 'a'.repeat(BUNDLE));
    utimesSync(path, date, date);
    await expect.poll(() => sharesBytes(path), { timeout: 15_000, interval: 200 }).toBe(true);
    writeFileSync(path, 'b'.repeat(BUNDLE));
    utimesSync(path, date, date);
    expect(bytesOf(path).toString()).toBe('b'.repeat(BUNDLE));
  });
});
