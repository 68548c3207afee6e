import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findProgram } from '../../../src/system/find-program.ts';

/** A folder with programs and other things: `name` is a program, `name-` may not be executed, `name/` is a folder. */
async function folderWith(...names: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'programs-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const name of names) {
    if (name.endsWith('/')) await mkdir(join(folder, name));
    else await writeFile(join(folder, name.replace(/-$/, '')), '', { mode: name.endsWith('-') ? 0o644 : 0o755 });
  }
  return folder;
}

describe('a command name', () => {
  it('stands for the first file on PATH that may be executed', async () => {
    const folders = [await folderWith('aws-'), await folderWith('aws/'), '/nowhere', await folderWith('aws')];
    const last = await folderWith('aws');
    expect(findProgram('aws', { PATH: [...folders, last].join(':') })).toBe(join(folders[3] ?? '', 'aws'));
  });

  it('stands for a link by its own name, and for nothing where the link leads to no file', async () => {
    const folder = await folderWith('program');
    await symlink('program', join(folder, 'aws'));
    expect(findProgram('aws', { PATH: folder })).toBe(join(folder, 'aws'));
    await rm(join(folder, 'program'));
    expect(findProgram('aws', { PATH: folder })).toBeUndefined();
  });

  it('stands for nothing where PATH is absent or empty', () => {
    expect(findProgram('sh', {})).toBeUndefined();
    expect(findProgram('sh', { PATH: '' })).toBeUndefined();
  });

  it('stands for nothing in a folder that depends on the working directory, unless the system is to be followed', async () => {
    const folder = await folderWith('aws');
    const env = { PATH: `:${relative(process.cwd(), folder)}` };
    expect(findProgram('aws', env)).toBeUndefined();
    expect(findProgram('aws', env, { relativeFolders: true })).toBe(join(folder, 'aws'));
  });
});

describe('a path', () => {
  it('stands for itself, whatever PATH says, and only while it may be executed', async () => {
    const folder = await folderWith('aws');
    const path = join(folder, 'aws');
    expect(findProgram(path, {})).toBe(path);
    expect(findProgram(relative(process.cwd(), path), { PATH: folder })).toBe(path);
    await chmod(path, 0o644);
    expect(findProgram(path, { PATH: folder })).toBeUndefined();
  });
});

describe('a command name on Windows', () => {
  const windows = { platform: 'win32' } as const;

  it('stands for the file with the first ending of PATHEXT, folder by folder', async () => {
    const [first, second] = [await folderWith('aws', 'aws.cmd', 'aws.bat'), await folderWith('aws.exe')];
    const PATH = `${first};${second}`;
    expect(findProgram('aws', { PATH }, windows)).toBe(join(first, 'aws.bat'));
    expect(findProgram('aws', { PATH, PATHEXT: '.EXE;.CMD' }, windows)).toBe(join(first, 'aws.cmd'));
    expect(findProgram('aws', { PATH, PATHEXT: '.EXE' }, windows)).toBe(join(second, 'aws.exe'));
  });

  it('stands for that very file where the name has such an ending', async () => {
    const folder = await folderWith('aws.cmd', 'aws.CMD.exe');
    expect(findProgram('aws.cmd', { PATH: folder }, windows)).toBe(join(folder, 'aws.cmd'));
  });
});
