import { execFileSync, spawnSync } from 'node:child_process';
import { lstat, mkdtemp, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { removeDiedLock, whileLocked } from '../../../../src/kubeconfig/edit/lock-kubeconfig.ts';

async function kubeconfigPath(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lock-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, 'config');
}

/** The lock that this process would have written, had it died: the content of a real one under a number that is free. */
async function contentOfDead(): Promise<string> {
  const path = await kubeconfigPath();
  const mine = await whileLocked([path], () => readlink(`${path}.lock`));
  return mine.replace(/^ekspress \d+ /, 'ekspress 999999999 ');
}

describe('the lock of a kubeconfig', () => {
  it('lets no other holder in while it is held, and is gone afterwards', async () => {
    const path = await kubeconfigPath();
    let holders = 0;
    let most = 0;
    const work = async () => {
      holders += 1;
      most = Math.max(most, holders);
      await new Promise(setImmediate);
      holders -= 1;
    };
    await Promise.all(Array.from({ length: 5 }, () => whileLocked([path], work)));
    expect(most).toBe(1);
    expect(await readdir(join(path, '..'))).toEqual([]);
  });

  it('is taken, as a link and as a file, where its process has died', async () => {
    const path = await kubeconfigPath();
    const dead = await contentOfDead();
    await symlink(dead, `${path}.lock`);
    expect(await whileLocked([path], async () => 'done', { waitMs: 0 })).toBe('done');
    await writeFile(`${path}.lock`, dead);
    await removeDiedLock(path);
    expect(await readdir(join(path, '..'))).toEqual([]);
  });

  it.each([
    ['kubectl', async () => ''],
    ['another machine or container', async () => (await contentOfDead()).replace(/\S+ (\S+)$/, 'elsewhere $1')],
    ['an older process of another machine', async () => 'ekspress 999999999 - elsewhere 0123456789abcdef'],
  ])('is left alone where it is of %s, whatever its process', async (_, content) => {
    const path = await kubeconfigPath();
    await writeFile(`${path}.lock`, await content());
    await removeDiedLock(path);
    await expect(whileLocked([path], async () => {}, { waitMs: 0 })).rejects.toThrow('is locked');
    expect(await readdir(join(path, '..'))).toEqual(['config.lock']);
  });

  const fifos = spawnSync('mkfifo', ['--version']).status === 0;
  it.skipIf(!fifos)('is a lock of another program where it is a pipe, which is not opened', async () => {
    const path = await kubeconfigPath();
    execFileSync('mkfifo', [`${path}.lock`]);
    await removeDiedLock(path);
    await expect(whileLocked([path], async () => {}, { waitMs: 0 })).rejects.toThrow('is locked');
    expect((await lstat(`${path}.lock`)).isFIFO()).toBe(true);
  });
});
