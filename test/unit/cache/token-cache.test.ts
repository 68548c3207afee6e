import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { cacheKey } from '../../../src/cache/identity/key.ts';
import { EKSAuthError } from '../../../src/errors.ts';
import { Recorder } from '../../../src/recording/recorder.ts';
import { NOTHING_READ } from '../../../src/recording/recording.ts';
import { asked, facts, key, mint, oldFile, openCache, recorder, temporaryDirectory } from '../../support/test-cache.ts';

const entryOf = (directory: string): string => readFileSync(join(directory, key.fileName), 'utf8');
const tokenOf = (directory: string): string => JSON.parse(entryOf(directory)).status.token;

describe('the storing of a token', () => {
  it('leaves one file for its owner alone, and no other trace of the write', async () => {
    const directory = join(temporaryDirectory(), 'eks-tokens');
    const cache = openCache(directory);
    const before = process.umask(0);
    try {
      expect(await cache.store(key, mint(), NOTHING_READ)).toBe('stored');
    } finally {
      process.umask(before);
    }
    expect(readdirSync(directory).sort()).toEqual(['.collected', 'CACHEDIR.TAG', key.fileName, 'stamps']);
    expect(statSync(join(directory, key.fileName)).mode & 0o777).toBe(0o600);
  });

  it('keeps the file readable for its owner under a umask that forbids everything', async () => {
    const directory = join(temporaryDirectory(), 'eks-tokens');
    const cache = openCache(directory);
    await cache.store(key, mint(), NOTHING_READ);
    const before = process.umask(0o777);
    try {
      await cache.store(key, mint({ token: 'k8s-aws-v1.second' }), NOTHING_READ);
    } finally {
      process.umask(before);
    }
    expect(statSync(join(directory, key.fileName)).mode & 0o777).toBe(0o600);
  });

  it('dates the entry a minute before the end that clients are told, for readers that ask no clock', async () => {
    const directory = join(temporaryDirectory(), 'eks-tokens');
    const cache = openCache(directory);
    const minted = mint();
    await cache.store(key, minted, NOTHING_READ);
    const { mtimeMs } = statSync(join(directory, key.fileName));
    expect(mtimeMs).toBe(minted.expiresAt.getTime() - 60_000);
  });

  it('never replaces a token of the same identity that was minted later', async () => {
    const directory = join(temporaryDirectory(), 'eks-tokens');
    const cache = openCache(directory);
    await cache.store(key, mint({ token: 'k8s-aws-v1.later' }), NOTHING_READ);
    const earlier = mint({ token: 'k8s-aws-v1.earlier' }, 30);
    expect(await cache.store(key, earlier, NOTHING_READ)).toBe('kept-newer');
    expect(tokenOf(directory)).toBe('k8s-aws-v1.later');
  });

  it('replaces a later token that no call could use: of another identity, or of a session that has ended', async () => {
    const home = temporaryDirectory();
    const directory = join(home, 'eks-tokens');
    const cache = openCache(directory);
    const other = cacheKey(facts({ env: { HOME: '/home/lee' } }));
    expect(other.fileName).toBe(key.fileName);
    await cache.store(other, mint({ token: 'k8s-aws-v1.lee' }), NOTHING_READ);
    expect(await cache.store(key, mint({}, 30), NOTHING_READ)).toBe('stored');

    const watch = new Recorder({});
    await watch.look(oldFile(join(home, '.aws/credentials')));
    await cache.store(key, mint({ token: 'k8s-aws-v1.old-session' }), await watch.finish());
    oldFile(join(home, '.aws/credentials'), 'new session', 600);
    const next = new Recorder({});
    await next.look(join(home, '.aws/credentials'));
    expect(await cache.store(key, mint({ token: 'k8s-aws-v1.new-session' }, 30), await next.finish())).toBe('stored');
    expect(tokenOf(directory)).toBe('k8s-aws-v1.new-session');
  });

  it('removes the fingerprint that the older bash tools kept beside the entry', async () => {
    const directory = join(temporaryDirectory(), 'eks-tokens');
    mkdirSync(directory, { mode: 0o700 });
    writeFileSync(join(directory, `${key.fileName}.meta`), '123');
    writeFileSync(join(directory, 'other_us-east-1.json.meta'), '123');
    const cache = openCache(directory);
    await cache.store(key, mint(), NOTHING_READ);
    expect(existsSync(join(directory, `${key.fileName}.meta`))).toBe(false);
    expect(existsSync(join(directory, 'other_us-east-1.json.meta'))).toBe(true);
  });

  it.each([
    ['an ended token', mint({ expiresAt: new Date(Date.now() - 1000) })],
    ['a token that would break out of the entry', mint({ token: 'a","token":"b' })],
    ['a token with a line break', mint({ token: 'a\nb' })],
  ])('refuses %s', async (_, minted) => {
    const directory = join(temporaryDirectory(), 'eks-tokens');
    const cache = openCache(directory);
    expect(await cache.store(key, minted, NOTHING_READ)).toBe('skipped');
    expect(existsSync(join(directory, key.fileName))).toBe(false);
  });

  it('refuses an identity that cannot be told from others', async () => {
    const directory = join(temporaryDirectory(), 'eks-tokens');
    const cache = openCache(directory);
    const ambiguous = cacheKey(facts({ env: { AWS_CONFIG_FILE: 'config' } }));
    expect(await cache.store(ambiguous, mint(), NOTHING_READ)).toBe('skipped');
    expect(await cache.read(ambiguous, asked)).toEqual({
      hit: false,
      reason: 'AWS_CONFIG_FILE depends on the working directory',
    });
  });
});

it('A reader never sees half an entry, however many write', async () => {
  const directory = join(temporaryDirectory(), 'eks-tokens');
  const cache = openCache(directory);
  const tokens = Array.from({ length: 60 }, (_, index) => `k8s-aws-v1.${'x'.repeat(index * 50)}.${index}`);
  await cache.store(key, mint({ token: 'k8s-aws-v1.first' }), NOTHING_READ);
  const writing = Promise.all(tokens.map((token) => cache.store(key, mint({ token }), NOTHING_READ)));
  let running = true;
  const reading = (async () => {
    const reads = [];
    while (running) reads.push(await openCache(directory).read(key, asked));
    return reads;
  })();
  expect(new Set(await writing)).toEqual(new Set(['stored']));
  running = false;
  expect((await reading).filter(({ hit }) => !hit)).toEqual([]);
  expect(readdirSync(directory).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

describe('a token that is found', () => {
  it('is hidden from inspect and from JSON', async () => {
    const cache = openCache(join(temporaryDirectory(), 'eks-tokens'));
    await cache.store(key, mint(), NOTHING_READ);
    const read = await cache.read(key, asked);
    expect(read.hit && read.entry.token).toBe(mint().token);
    expect(inspect(read, { depth: 9 }) + JSON.stringify(read)).not.toContain('k8s-aws-v1');
  });

  it('comes with its times, to be told and compared', async () => {
    const cache = openCache(join(temporaryDirectory(), 'eks-tokens'));
    const minted = mint({}, 100);
    await cache.store(key, minted, NOTHING_READ);
    const { mintedAt, expiresAt } = minted;
    expect(await cache.read(key, asked)).toMatchObject({ hit: true, entry: { mintedAt, expiresAt, unattended: true } });
  });
});

describe('the removal of a refused token', () => {
  it('removes the entry that holds it, also if it has been found expired', async () => {
    const directory = join(temporaryDirectory(), 'eks-tokens');
    const cache = openCache(directory);
    await cache.store(key, mint(), NOTHING_READ);
    await cache.drop(key, mint().token);
    expect(readdirSync(directory).sort()).toEqual(['.collected', 'CACHEDIR.TAG', 'stamps']);
  });

  it('leaves an entry with another token alone', async () => {
    const directory = join(temporaryDirectory(), 'eks-tokens');
    const cache = openCache(directory);
    await cache.store(key, mint(), NOTHING_READ);
    await cache.drop(key, 'k8s-aws-v1.older');
    expect(tokenOf(directory)).toBe(mint().token);
  });

  it('succeeds where there is nothing', async () => {
    const { logger, lines } = recorder();
    await openCache(join(temporaryDirectory(), 'nowhere'), { logger }).drop(key, 'k8s-aws-v1.x');
    expect(lines).toEqual([]);
  });
});

describe('the cache in trouble', () => {
  it('writes nothing through a link that lies under the name of the entry', async () => {
    const home = temporaryDirectory();
    const directory = join(home, 'eks-tokens');
    mkdirSync(directory, { mode: 0o700 });
    writeFileSync(join(home, 'precious'), 'mine');
    symlinkSync(join(home, 'precious'), join(directory, key.fileName));
    const cache = openCache(directory);
    expect(await cache.read(key, asked)).toEqual({ hit: false, reason: 'not a file of ours' });
    expect(await cache.store(key, mint(), NOTHING_READ)).toBe('stored');
    expect(readFileSync(join(home, 'precious'), 'utf8')).toBe('mine');
    expect(await cache.read(key, asked)).toMatchObject({ hit: true });
  });

  it('does not wait at a pipe that lies under the name of the entry', async () => {
    const directory = join(temporaryDirectory(), 'eks-tokens');
    mkdirSync(directory, { mode: 0o700 });
    const { execFileSync } = await import('node:child_process');
    execFileSync('mkfifo', [join(directory, key.fileName)]);
    expect(await openCache(directory).read(key, asked)).toEqual({ hit: false, reason: 'not a file of ours' });
  });

  it('takes a huge file for no entry without reading it', async () => {
    const directory = join(temporaryDirectory(), 'eks-tokens');
    mkdirSync(directory, { mode: 0o700 });
    writeFileSync(join(directory, key.fileName), 'x'.repeat(100_000));
    expect(await openCache(directory).read(key, asked)).toEqual({ hit: false, reason: 'not a file of ours' });
  });

  it('says at debug why a token is not shared', async () => {
    const home = temporaryDirectory();
    writeFileSync(join(home, 'file'), '');
    const { logger, lines } = recorder();
    const cache = openCache(join(home, 'file', 'eks-tokens'), { logger });
    expect(await cache.store(key, mint(), NOTHING_READ)).toBe('skipped');
    expect(lines.join()).toMatch(/^cache: the token is not shared .*ENOTDIR/);
  });

  it('never names a token in what it says', async () => {
    const directory = join(temporaryDirectory(), 'eks-tokens');
    const { logger, lines } = recorder();
    const cache = openCache(directory, { logger });
    await cache.store(key, mint(), NOTHING_READ);
    chmodSync(join(directory, key.fileName), 0o000);
    await cache.store(key, mint({ token: 'k8s-aws-v1.a"b' }), NOTHING_READ);
    await cache.read(key, asked);
    await cache.drop(key, mint().token);
    expect(lines.join()).not.toContain('k8s-aws-v1');
  });
});

describe('the collection of old files', () => {
  const past = Date.now() / 1000 - 7200;

  function litter(directory: string): void {
    mkdirSync(join(directory, 'stamps'), { recursive: true, mode: 0o700 });
    const entry = '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","ekspress":"0;x"}\n';
    writeFileSync(join(directory, 'ended_us-east-1.json'), entry);
    writeFileSync(join(directory, 'living_us-east-1.json'), entry);
    writeFileSync(join(directory, 'package.json'), '{}');
    writeFileSync(join(directory, 'bash-tool_us-east-1.json'), '{"kind":"ExecCredential"}');
    for (const name of ['ended_us-east-1.json', 'package.json', 'bash-tool_us-east-1.json']) {
      utimesSync(join(directory, name), past, past);
    }
  }

  it('removes entries that have ended, and no file that it did not make', async () => {
    const directory = temporaryDirectory();
    litter(directory);
    const cache = openCache(directory);
    await cache.store(key, mint(), NOTHING_READ);
    expect(readdirSync(directory).sort()).toEqual([
      '.collected',
      'bash-tool_us-east-1.json',
      key.fileName,
      'living_us-east-1.json',
      'package.json',
      'stamps',
    ]);
  });

  it('does so at most every ten minutes', async () => {
    const directory = temporaryDirectory();
    const cache = openCache(directory);
    await cache.store(key, mint(), NOTHING_READ);
    litter(directory);
    await cache.store(key, mint(), NOTHING_READ);
    expect(existsSync(join(directory, 'ended_us-east-1.json'))).toBe(true);
    utimesSync(join(directory, '.collected'), past, past);
    await cache.store(key, mint(), NOTHING_READ);
    expect(existsSync(join(directory, 'ended_us-east-1.json'))).toBe(false);
  });

  it('removes stamps that no entry has used for an hour, and what killed writers left behind', async () => {
    const home = temporaryDirectory();
    const directory = join(home, 'eks-tokens');
    const cache = openCache(directory);
    const watch = new Recorder({});
    await watch.look(oldFile(join(home, '.aws/credentials')));
    await cache.store(key, mint(), await watch.finish());
    const owner = '0123456789abcdef 1 2 3 4\n';
    const left = ['.ekspress-1-0123456789abcdef.tmp', 'x.json.lock'];
    for (const name of left) writeFileSync(join(directory, name), owner);
    writeFileSync(join(directory, 'x.json.busy'), '123\n');
    writeFileSync(join(directory, 'x.json.renew1795314495'), '123\n');
    writeFileSync(join(directory, 'x.json.asked3'), '101085 - 123 kubectl\n');
    const error = new EKSAuthError('ACCESS_DENIED', 'No.', { remedy: 'Ask.' });
    await cache.storeFailure({ ...key, fileName: 'x.json' }, { error, seconds: 30 }, await watch.finish());
    for (const ending of ['lock', 'busy', 'asked1', 'error']) {
      writeFileSync(join(directory, `yours.json.${ending}`), 'not one of ours');
    }

    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * 3_600_000 });
    try {
      await cache.store({ ...key, fileName: 'later.json' }, mint(), NOTHING_READ);
    } finally {
      vi.useRealTimers();
    }
    expect(readdirSync(join(directory, 'stamps'))).toEqual([]);
    expect(readdirSync(directory).sort()).toEqual([
      '.collected',
      'CACHEDIR.TAG',
      'later.json',
      'stamps',
      'yours.json.asked1',
      'yours.json.busy',
      'yours.json.error',
      'yours.json.lock',
    ]);
  });
});
