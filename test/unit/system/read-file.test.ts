import { execFileSync } from 'node:child_process';
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readBytes, readBytesSync, readText } from '../../../src/system/read-file.ts';
import { optionalProgram } from '../../support/optional-programs.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const mkfifo = optionalProgram('mkfifo');

/** What both ways of reading say of a path. */
async function codes(path: string): Promise<readonly unknown[]> {
  const later = await readBytes(path).catch((error: NodeJS.ErrnoException) => error.code);
  try {
    return [later, readBytesSync(path)];
  } catch (error) {
    return [later, (error as NodeJS.ErrnoException).code];
  }
}

describe('a file that is read whole', () => {
  it('is given as it is', async () => {
    const path = join(temporaryFolder('read'), 'file');
    writeFileSync(path, 'é\n');
    expect([await readText(path), readBytesSync(path).toString('utf8')]).toEqual(['é\n', 'é\n']);
  });

  it.skipIf(mkfifo === undefined)('is refused where it is a pipe, which would wait for its writer', async () => {
    const path = join(temporaryFolder('read'), 'pipe');
    execFileSync(mkfifo ?? '', [path]);
    expect(await codes(path)).toEqual(['ENOTSUP', 'ENOTSUP']);
  });

  it.skipIf(process.platform === 'win32')('is refused where it is a device, which may have no end', async () => {
    expect(await codes('/dev/null')).toEqual(['ENOTSUP', 'ENOTSUP']);
  });

  it('is refused where it is a folder, and where it is longer than any such file', async () => {
    const folder = temporaryFolder('read');
    const path = join(folder, 'file');
    writeFileSync(path, '');
    truncateSync(path, 33 * 1024 * 1024);
    mkdirSync(join(folder, 'more'));
    expect(await codes(path)).toEqual(['EFBIG', 'EFBIG']);
    expect(await codes(join(folder, 'more'))).toEqual(['EISDIR', 'EISDIR']);
    expect(await codes(join(folder, 'absent'))).toEqual(['ENOENT', 'ENOENT']);
  });
});
