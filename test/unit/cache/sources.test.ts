import { readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseEntry } from '../../../src/cache/entry/parse-entry.ts';
import { Recorder } from '../../../src/recording/recorder.ts';
import { asked, key, mint, oldFile, openCache, recorder, temporaryDirectory } from '../../support/test-cache.ts';

function world() {
  const home = temporaryDirectory();
  const directory = join(home, 'eks-tokens');
  const { logger, lines } = recorder();
  const cache = openCache(directory, { logger });
  const credentials = oldFile(join(home, '.aws/credentials'));
  const precision = () => parseEntry(readFileSync(join(directory, key.fileName), 'latin1'))?.precision;
  return { home, directory, cache, credentials, lines, precision };
}

describe('the token of a mint', () => {
  it.each<[string, (path: string) => void]>([
    ['written', (path) => writeFileSync(path, 'other')],
    ['removed', (path) => rmSync(path)],
    [
      'replaced by a file of the same date and size',
      (path) => {
        const { atime, mtime } = statSync(path);
        const text = readFileSync(path);
        rmSync(path);
        writeFileSync(`${path}.new`, text);
        writeFileSync(path, text);
        utimesSync(path, atime, mtime);
      },
    ],
  ])('is not shared if a source was %s meanwhile', async (_, change) => {
    const { cache, credentials, lines } = world();
    const watch = new Recorder({});
    await watch.look(credentials);
    change(credentials);
    expect(await cache.store(key, mint(), await watch.finish())).toBe('skipped');
    expect(lines.join()).toContain(`${credentials} has changed meanwhile`);
  });

  it('is not shared if a source appeared meanwhile', async () => {
    const { home, cache, lines } = world();
    const watch = new Recorder({});
    await watch.look(join(home, '.aws/config'));
    writeFileSync(join(home, '.aws/config'), '');
    expect(await cache.store(key, mint(), await watch.finish())).toBe('skipped');
    expect(lines.join()).toContain('config has changed meanwhile');
  });

  it('is not shared if a source changed between two reads of it', async () => {
    const { cache, credentials, lines } = world();
    const watch = new Recorder({});
    await watch.look(credentials);
    oldFile(credentials, 'other', 1800);
    await watch.look(credentials);
    oldFile(credentials, 'text\n', 3600);
    expect(await cache.store(key, mint(), await watch.finish())).toBe('skipped');
    expect(lines.join()).toContain('has changed meanwhile');
  });

  it('is not shared if the place of a source depends on the working directory', async () => {
    const { cache, lines } = world();
    const watch = new Recorder({});
    await watch.look('credentials');
    expect(await cache.store(key, mint(), await watch.finish())).toBe('skipped');
    expect(lines.join()).toContain('depends on the working directory');
  });

  it('is not shared if the presence of a source cannot be decided', async () => {
    const { home, cache, lines } = world();
    const endless = join(home, 'x'.repeat(300));
    const watch = new Recorder({});
    await watch.look(endless);
    expect(await cache.store(key, mint(), await watch.finish())).toBe('skipped');
    expect(lines.join()).toContain('cannot be looked at (ENAMETOOLONG)');
  });
});

describe('a change that leaves no trace is waited out or refused', () => {
  it('dates a source written this instant a tick ago when it is read', async () => {
    const { home } = world();
    const path = join(home, '.aws/fresh');
    const watch = new Recorder({});
    writeFileSync(path, 'fresh');
    await watch.look(path);
    const { mtimeMs } = statSync(path);
    // The clock cuts off a part of a millisecond, and a timer may end as much too early.
    expect(Date.now() - mtimeMs).toBeGreaterThanOrEqual(18);
  });

  it('does not trust a source that was just written, on a file system that dates by seconds', async () => {
    const { cache, credentials, lines } = world();
    const thisSecond = Math.floor(Date.now() / 1000);
    utimesSync(credentials, thisSecond, thisSecond);
    const watch = new Recorder({});
    await watch.look(credentials);
    expect(await cache.store(key, mint(), await watch.finish())).toBe('skipped');
    expect(lines.join()).toContain('on a file system that dates by seconds');
  });

  it('marks an entry made within a second of a change for fine comparisons, until a reader refines it', async () => {
    const { cache, credentials, precision } = world();
    utimesSync(credentials, Date.now() / 1000, Math.floor(Date.now() / 1000) + 0.5);
    const watch = new Recorder({});
    await watch.look(credentials);
    await cache.store(key, mint(), await watch.finish());
    expect(precision()).toBe('fine');
    await new Promise((resolve) => setTimeout(resolve, 1700));
    expect(await cache.read(key, asked)).toMatchObject({ hit: true });
    expect(precision()).toBe('whole');
    expect(await cache.read(key, asked)).toMatchObject({ hit: true });
  });

  it('needs no fine comparison for an entry of old sources', async () => {
    const { cache, credentials, precision } = world();
    const watch = new Recorder({});
    await watch.look(credentials);
    await cache.store(key, mint(), await watch.finish());
    expect(precision()).toBe('whole');
  });
});

describe('the stamps of a source', () => {
  it('lie on both sides of its date, a few microseconds apart', async () => {
    const { cache, credentials, directory } = world();
    const watch = new Recorder({});
    await watch.look(credentials);
    await cache.store(key, mint(), await watch.finish());
    const { mtimeNs } = statSync(credentials, { bigint: true });
    const [before = 0n, after = 0n] = ['-', '+'].map(
      (side) => statSync(join(directory, 'stamps', `${mtimeNs}${side}`), { bigint: true }).mtimeNs,
    );
    expect(before < mtimeNs && mtimeNs < after).toBe(true);
    expect(after - before).toBeLessThan(10_000n);
  });

  it('bracket any date that a file can have', async () => {
    const { cache, home, directory } = world();
    const watch = new Recorder({});
    const dates = Array.from({ length: 60 }, (_, index) => 1_700_000_000 + index * 1_234_567.890123);
    for (const [index, seconds] of [0, 0.000001, 1, ...dates].entries()) {
      const path = oldFile(join(home, `${index}`, 'source'));
      utimesSync(path, seconds, seconds);
      await watch.look(path);
    }
    expect(await cache.store(key, mint(), await watch.finish())).toBe('stored');
    expect(await cache.read(key, asked)).toMatchObject({ hit: true });
    for (const name of readdirSync(join(directory, 'stamps'))) {
      const stamp = statSync(join(directory, 'stamps', name), { bigint: true }).mtimeNs;
      const source = BigInt(name.slice(0, -1));
      if (!name.endsWith('=')) expect(name.endsWith('-') ? stamp <= source : stamp >= source).toBe(true);
    }
  });

  it('are shared by all entries of the same sources', async () => {
    const { cache, credentials, directory } = world();
    const minted = mint();
    for (let index = 0; index < 3; index += 1) {
      const watch = new Recorder({});
      await watch.look(credentials);
      await cache.store({ ...key, fileName: `${index}.json` }, minted, await watch.finish());
    }
    // Two of the file, and one of the moment of the mint.
    expect(readdirSync(join(directory, 'stamps'))).toHaveLength(3);
  });
});
