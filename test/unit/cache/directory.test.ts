import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cacheDirectory } from '../../../src/cache/directory/directory.ts';
import { prepareDirectory } from '../../../src/cache/directory/own-directory.ts';
import { NOTHING_READ } from '../../../src/recording/recording.ts';
import { noteSkipped } from '../../support/optional-programs.ts';
import { asked, key, mint, openCache, recorder, temporaryDirectory } from '../../support/test-cache.ts';

describe('the directory of the cache', () => {
  it.each([
    ['/home/kim/.kube/cache/eks-tokens', { HOME: '/home/kim' }],
    ['/cache', { HOME: '/home/kim', EKS_TOKEN_CACHE_DIR: '/cache', K8S_TOKEN_CACHE_FILE: '/other/x.json' }],
    ['/other', { HOME: '/home/kim', K8S_TOKEN_CACHE_FILE: '/other/x.json', KUBECACHEDIR: '/kube' }],
    ['/kube/eks-tokens', { HOME: '/home/kim', KUBECACHEDIR: '/kube/' }],
    ['/home/kim/.kube/cache/eks-tokens', { HOME: '/home/kim', KUBECACHEDIR: '' }],
    ['/ours', { HOME: '/home/kim', EKSPRESS_CACHE_DIR: '/ours', EKS_TOKEN_CACHE_DIR: '/cache' }],
  ])('is %s for %j', (directory, env) => {
    expect(cacheDirectory(env)).toBe(directory);
  });

  const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);

  it('is made for its owner alone, with all that leads to it, and marked as a cache for backup tools', async () => {
    const home = temporaryDirectory();
    const directory = join(home, '.kube/cache/eks-tokens');
    await prepareDirectory(directory);
    expect([join(home, '.kube'), join(home, '.kube/cache'), directory, join(directory, 'stamps')].map(mode)).toEqual(
      Array(4).fill('700'),
    );
    expect(readFileSync(join(directory, 'CACHEDIR.TAG'), 'utf8')).toMatch(
      /^Signature: 8a477f597d28d172789f06886806bc55\n/,
    );
  });

  it('is closed again where other users may look into it', async () => {
    const directory = join(temporaryDirectory(), 'tokens');
    await prepareDirectory(directory);
    chmodSync(directory, 0o777);
    await prepareDirectory(directory);
    expect(mode(directory)).toBe('700');
  });

  it('is closed where the bash tools that used it before left it open', async () => {
    const directory = join(temporaryDirectory(), 'eks-tokens');
    mkdirSync(directory, { mode: 0o755 });
    await prepareDirectory(directory);
    expect(mode(directory)).toBe('700');
  });

  it('is never closed where it is a folder of the user with other things in it', async () => {
    const directory = temporaryDirectory();
    chmodSync(directory, 0o755);
    await prepareDirectory(directory);
    expect(mode(directory)).toBe('755');
    expect(existsSync(join(directory, 'CACHEDIR.TAG'))).toBe(false);
  });

  it('is not used where others may write to it', async () => {
    const directory = temporaryDirectory();
    chmodSync(directory, 0o777);
    const { logger, lines } = recorder();
    const cache = openCache(directory, { logger });
    expect(await cache.store(key, mint(), NOTHING_READ)).toBe('skipped');
    expect(lines.join()).toContain(`${directory} can be written by other users`);
    expect(mode(directory)).toBe('777');
  });

  it('may be a link to a directory of the user', async () => {
    const home = temporaryDirectory();
    mkdirSync(join(home, 'real'), { mode: 0o700 });
    symlinkSync('real', join(home, 'tokens'));
    const cache = openCache(join(home, 'tokens'));
    expect(await cache.store(key, mint(), NOTHING_READ)).toBe('stored');
    expect(await cache.read(key, asked)).toMatchObject({ hit: true });
  });
});

const root = process.geteuid?.() === 0;
if (!root) noteSkipped('acting as another user needs root');

describe.runIf(root)('the cache under sudo, in the home of another user,', () => {
  it('makes nothing that this user could not remove', async () => {
    const home = temporaryDirectory();
    chownSync(home, 65534, 65534);
    const cache = openCache(join(home, '.kube/cache/eks-tokens'));
    expect(await cache.store(key, mint(), NOTHING_READ)).toBe('skipped');
    expect(existsSync(join(home, '.kube'))).toBe(false);
  });

  it('neither reads nor writes a cache directory that is there', async () => {
    const directory = join(temporaryDirectory(), 'eks-tokens');
    const cache = openCache(directory);
    await cache.store(key, mint(), NOTHING_READ);
    const before = readFileSync(join(directory, key.fileName));
    chownSync(directory, 65534, 65534);
    expect(await cache.read(key, asked)).toEqual({ hit: false, reason: 'the cache directory belongs to another user' });
    expect(await cache.store(key, mint({ token: 'k8s-aws-v1.newer' }), NOTHING_READ)).toBe('skipped');
    expect(readFileSync(join(directory, key.fileName))).toEqual(before);
  });
});

it('A file in place of the directory is a miss and stays', async () => {
  const directory = join(temporaryDirectory(), 'eks-tokens');
  writeFileSync(directory, 'mine');
  const cache = openCache(directory);
  expect(await cache.read(key, asked)).toMatchObject({ hit: false });
  expect(await cache.store(key, mint(), NOTHING_READ)).toBe('skipped');
  expect(readFileSync(directory, 'utf8')).toBe('mine');
});
