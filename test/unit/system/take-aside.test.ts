import { mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { takeAside } from '../../../src/system/take-aside.ts';

async function fileWith(text: string): Promise<{ folder: string; path: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'aside-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'file');
  await writeFile(path, text);
  return { folder, path };
}

it('The file that is meant is removed, and nothing of it stays', async () => {
  const { folder, path } = await fileWith('old');
  expect(await takeAside(path, async (aside) => (await readFile(aside, 'utf8')) === 'old')).toBe(true);
  expect(await readdir(folder)).toEqual([]);
});

it('Another file is put back as it was', async () => {
  const { folder, path } = await fileWith('new');
  expect(await takeAside(path, async () => false)).toBe(false);
  expect(await readdir(folder)).toEqual(['file']);
  expect(await readFile(path, 'utf8')).toBe('new');
});

it('A symbolic link that leads to no file is put back as one', async () => {
  const { folder, path } = await fileWith('');
  await rm(path);
  await symlink('nowhere at all', path);
  await takeAside(path, async () => false);
  expect(await readlink(path)).toBe('nowhere at all');
  expect(await readdir(folder)).toEqual(['file']);
});

it('A file that has taken the place meanwhile stays', async () => {
  const { folder, path } = await fileWith('second');
  const isMeant = async () => {
    await writeFile(path, 'third', { flag: 'wx' });
    return false;
  };
  expect(await takeAside(path, isMeant)).toBe(false);
  expect(await readFile(path, 'utf8')).toBe('third');
  expect(await readdir(folder)).toEqual(['file']);
});

it('A file that is not there gives the system’s error', async () => {
  const { path } = await fileWith('');
  await rm(path);
  await expect(takeAside(path, async () => true)).rejects.toMatchObject({ code: 'ENOENT' });
});
