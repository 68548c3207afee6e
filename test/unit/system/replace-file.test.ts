import { link, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { replaceFile, TEMPORARY_NAME, temporaryPath, whileBusy } from '../../../src/system/replace-file.ts';

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'replace-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

describe('a replaced file', () => {
  it('has the new text and exactly the mode that was asked for, whatever the umask', async () => {
    const folder = await emptyFolder();
    const path = join(folder, 'file');
    await writeFile(path, 'old', { mode: 0o644 });
    const before = process.umask(0o077);
    onTestFinished(() => void process.umask(before));
    expect(await replaceFile(path, 'new', { mode: 0o2755, durable: true })).toBe(true);
    expect(await readFile(path, 'utf8')).toBe('new');
    expect((await stat(path)).mode & 0o7777).toBe(0o2755);
    expect(await readdir(folder)).toEqual(['file']);
  });

  it('is another file: a program that has the old one open or linked keeps the old text', async () => {
    const folder = await emptyFolder();
    await writeFile(join(folder, 'file'), 'old');
    await link(join(folder, 'file'), join(folder, 'other'));
    await replaceFile(join(folder, 'file'), 'new', { mode: 0o600 });
    expect(await readFile(join(folder, 'other'), 'utf8')).toBe('old');
  });

  it('is dated as it was asked for', async () => {
    const path = join(await emptyFolder(), 'file');
    await replaceFile(path, '', { mode: 0o600, mtimeSeconds: 1_700_000_000 });
    expect((await stat(path)).mtimeMs).toBe(1_700_000_000_000);
  });

  it.runIf(process.getuid?.() === 0)('has the owner that was asked for', async () => {
    const path = join(await emptyFolder(), 'file');
    await replaceFile(path, '', { mode: 0o640, owner: { uid: 1234, gid: 5678 } });
    const { uid, gid, mode } = await stat(path);
    expect({ uid, gid, mode: mode & 0o777 }).toEqual({ uid: 1234, gid: 5678, mode: 0o640 });
  });
});

describe('a file that is not replaced', () => {
  it('stays as it was where the caller gives up, and nothing lies beside it', async () => {
    const folder = await emptyFolder();
    await writeFile(join(folder, 'file'), 'old');
    const seen: string[] = [];
    const stillWanted = async () => {
      seen.push(...(await readdir(folder)));
      return false;
    };
    expect(await replaceFile(join(folder, 'file'), 'new', { mode: 0o600, stillWanted })).toBe(false);
    expect(seen.filter((name) => TEMPORARY_NAME.test(name))).toHaveLength(1);
    expect(await readdir(folder)).toEqual(['file']);
    expect(await readFile(join(folder, 'file'), 'utf8')).toBe('old');
  });

  it('is named by its own path where the system refuses, and nothing lies beside it', async () => {
    const folder = await emptyFolder();
    const path = join(folder, 'file');
    await mkdir(path);
    await expect(replaceFile(path, 'new', { mode: 0o600 })).rejects.toMatchObject({ code: 'EISDIR', path });
    expect(await readdir(folder)).toEqual(['file']);
    const nowhere = join(folder, 'no', 'file');
    await expect(replaceFile(nowhere, '', { mode: 0o600 })).rejects.toMatchObject({ code: 'ENOENT', path: nowhere });
  });

  it('has nothing beside it where something else fails', async () => {
    const folder = await emptyFolder();
    const stillWanted = () => Promise.reject(new Error('unknown'));
    await expect(replaceFile(join(folder, 'file'), '', { mode: 0o600, stillWanted })).rejects.toThrow('unknown');
    expect(await readdir(folder)).toEqual([]);
  });
});

it('The temporary names of two writers differ, and are recognised', () => {
  const [first = '', second = ''] = [temporaryPath('/folder'), temporaryPath('/folder')];
  expect(first).not.toBe(second);
  expect(first.replace('/folder/', '')).toMatch(TEMPORARY_NAME);
});

describe('a file that another program has open', () => {
  const refusal = (code: string) => Object.assign(new Error(code), { code });
  /** Refused so many times before it succeeds. */
  const refused = (times: number, code: string) => {
    let tries = 0;
    return {
      work: async () => {
        tries += 1;
        if (tries <= times) throw refusal(code);
        return tries;
      },
      tries: () => tries,
    };
  };

  it.each(['EPERM', 'EACCES', 'EBUSY'])('is tried again on Windows after %s', async (code) => {
    expect(await whileBusy(refused(3, code).work, 'win32')).toBe(4);
  });

  it('is given up after a bounded number of tries', async () => {
    const { work, tries } = refused(Number.POSITIVE_INFINITY, 'EBUSY');
    await expect(whileBusy(work, 'win32')).rejects.toMatchObject({ code: 'EBUSY' });
    expect(tries()).toBe(10);
  });

  it.each([
    ['linux', 'EBUSY'],
    ['win32', 'ENOSPC'],
  ] as const)('is not tried again on %s after %s', async (platform, code) => {
    const { work, tries } = refused(1, code);
    await expect(whileBusy(work, platform)).rejects.toMatchObject({ code });
    expect(tries()).toBe(1);
  });
});
