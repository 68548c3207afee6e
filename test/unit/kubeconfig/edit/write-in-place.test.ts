import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Terminal } from '../../../../src/cli/command.ts';
import { loadContexts } from '../../../../src/cli/contexts/load-contexts.ts';
import { editFile } from '../../../../src/kubeconfig/edit/edit-file.ts';
import { readRecord } from '../../../../src/kubeconfig/edit/edit-records.ts';
import { restoreUnfinished, writeInPlace } from '../../../../src/kubeconfig/edit/write-in-place.ts';
import { findWritable } from '../../../../src/kubeconfig/edit/write-kubeconfig.ts';
import { ekspressHome } from '../../../../src/plugin/ekspress-home.ts';
import { kubeconfigText } from '../../../support/kubeconfig-text.ts';
import { everyProgram, noteSkipped, optionalProgram } from '../../../support/optional-programs.ts';

const setfacl = optionalProgram('setfacl');
const python3 = everyProgram('python3').find((program) => spawnSync(program, ['-c', '']).status === 0);

function python(program: string): string {
  return execFileSync(python3 ?? '', ['-c', program], { encoding: 'utf8' });
}

/** Whether temporary files have extended attributes here, and GNU cp copies them. */
function extendedAttributes(): boolean {
  if (python3 === undefined) return false;
  const folder = mkdtempSync(join(tmpdir(), 'ekspress-xattr-'));
  try {
    const [from, to] = [join(folder, 'a'), join(folder, 'b')];
    writeFileSync(from, '');
    python(`import os; os.setxattr(${JSON.stringify(from)}, 'user.note', b'x')`);
    execFileSync('cp', ['--attributes-only', '--preserve=xattr', from, to], {
      env: { PATH: '/usr/bin:/bin' },
      stdio: 'ignore',
    });
    return true;
  } catch {
    noteSkipped('no extended attributes');
    return false;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

let directory: string;
let file: string;
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'ekspress-in-place-')));
  file = join(directory, 'config');
  writeFileSync(file, kubeconfigText());
  mkdirSync(join(directory, '.kube', 'ekspress'), { recursive: true });
});
afterEach(() => rmSync(directory, { recursive: true }));

const home = () => ekspressHome({ HOME: directory });
const unfinished = () => readdirSync(home().folder).filter((name) => name.startsWith('unfinished'));
const edit = (text: string) =>
  editFile(file, () => text, { home: home(), now: () => new Date(), record: (before) => before });

describe('an edit of a kubeconfig that a group may read', () => {
  it('keeps the file itself, so that its ACL, attributes and owner stay, and leaves no copy', async () => {
    chmodSync(file, 0o640);
    const before = statSync(file);
    await edit(`${kubeconfigText()}# edited\n`);
    const after = statSync(file);
    expect([after.ino, after.mode, after.uid, after.gid]).toEqual([before.ino, before.mode, before.uid, before.gid]);
    expect(readFileSync(file, 'utf8')).toMatch(/# edited\n$/);
    expect(unfinished()).toEqual([]);
  });

  it('replaces a private file in one step, as before', async () => {
    chmodSync(file, 0o600);
    const before = statSync(file).ino;
    await edit(`${kubeconfigText()}# edited\n`);
    expect(statSync(file).ino).not.toBe(before);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it.skipIf(!extendedAttributes())(
    'keeps the extended attributes of a private file, which is replaced in one step',
    async () => {
      chmodSync(file, 0o600);
      const before = statSync(file).ino;
      python(`import os; os.setxattr(${JSON.stringify(file)}, 'user.note', b'mine')`);
      await edit(`${kubeconfigText()}# edited\n`);
      expect(statSync(file).ino).not.toBe(before);
      expect(python(`import os; print(os.getxattr(${JSON.stringify(file)}, 'user.note').decode())`)).toBe('mine\n');
    },
  );

  it.skipIf(!setfacl)('keeps its ACL', async () => {
    chmodSync(file, 0o640);
    execFileSync(setfacl ?? '', ['-m', 'u:1234:r,g::---,m::r', file]);
    const acl = () => execFileSync(join(dirname(setfacl ?? ''), 'getfacl'), ['-cp', file], { encoding: 'utf8' });
    const before = acl();
    await edit(`${kubeconfigText()}# edited\n`);
    expect(acl()).toBe(before);
  });

  it('leaves no record where the file cannot be written', async () => {
    const refused = editFile(file, () => 'x', {
      home: home(),
      now: () => new Date(),
      record: (before) => {
        // Another program takes the place of the file away.
        rmSync(file);
        mkdirSync(file);
        return { ...before, users: { admin: { at: 'now', command: 'aws' } } };
      },
    });
    await expect(refused).rejects.toMatchObject({ code: 'INVALID_KUBECONFIG' });
    expect((await readRecord(home(), file)).users).toEqual({});
    rmSync(file, { recursive: true });
  });

  it.each([0, 1, 100, 400])('is taken back by the next edit where it was cut off after %i bytes', async (bytes) => {
    const old = kubeconfigText();
    const text = `# a longer beginning than there was before\n${old}`;
    const found = await findWritable(file);
    const copy = join(home().folder, 'kept');
    // A crash: the copy is written, the file only in part.
    await writeInPlace(home(), found, text).then(() => writeFileSync(copy, ''));
    const name = await copyNameOf(found.path);
    writeFileSync(
      name,
      JSON.stringify({ old: Buffer.from(old).toString('base64'), new: Buffer.from(text).toString('base64') }),
    );
    writeFileSync(file, Buffer.concat([Buffer.from(text).subarray(0, bytes), Buffer.from(old).subarray(bytes)]));
    await restoreUnfinished(home(), found.path);
    expect(readFileSync(file, 'utf8')).toBe(old);
    expect(existsSync(name)).toBe(false);
  });

  it('is taken back by the next command that reads it, as `ekspress status`', async () => {
    const old = kubeconfigText();
    const text = `# a longer beginning\n${old}`;
    writeFileSync(
      await copyNameOf((await findWritable(file)).path),
      JSON.stringify({ old: Buffer.from(old).toString('base64'), new: Buffer.from(text).toString('base64') }),
    );
    writeFileSync(file, text.slice(0, 50));
    const terminal = { env: { HOME: directory }, options: { kubeconfig: file } } as unknown as Terminal;
    expect((await loadContexts(terminal)).contexts.map(({ name }) => name)).toEqual(['prod']);
    expect(readFileSync(file, 'utf8')).toBe(old);
    expect(unfinished()).toEqual([]);
  });

  it('leaves a file alone that another program has written after the crash', async () => {
    const found = await findWritable(file);
    const name = await copyNameOf(found.path);
    writeFileSync(
      name,
      JSON.stringify({ old: Buffer.from('a').toString('base64'), new: Buffer.from('b').toString('base64') }),
    );
    await restoreUnfinished(home(), found.path);
    expect(readFileSync(file, 'utf8')).toBe(kubeconfigText());
    expect(existsSync(name)).toBe(false);
  });
});

describe('an edit that fails', () => {
  it('leaves no record behind', async () => {
    const record = () => ({ file, users: { admin: {} }, backup: undefined }) as never;
    const before = JSON.stringify(await readRecord(home(), file));
    // The folder for copies is gone when the file has to be written in place.
    chmodSync(file, 0o640);
    const failing = editFile(
      file,
      () => {
        mkdirSync(join(home().folder, nameOf(file)), { recursive: true });
        return `${kubeconfigText()}# edited\n`;
      },
      { home: home(), now: () => new Date(), record },
    );
    await expect(failing).rejects.toMatchObject({ code: 'INVALID_KUBECONFIG' });
    expect(JSON.stringify({ ...(await readRecord(home(), file)), backup: undefined })).toBe(
      JSON.stringify({ ...JSON.parse(before), backup: undefined }),
    );
    expect(readFileSync(file, 'utf8')).toBe(kubeconfigText());
  });
});

function nameOf(path: string): string {
  const { createHash } = process.getBuiltinModule('node:crypto');
  return `unfinished-${createHash('sha256').update(path).digest('hex').slice(0, 32)}.json`;
}

async function copyNameOf(path: string): Promise<string> {
  return join(home().folder, nameOf(path));
}
