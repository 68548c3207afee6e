import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
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

  // As of a file that grows while it is read, the length that the system gives is not the one that is read.
  const ENDLESS = '/proc/self/pagemap';
  it.skipIf(!existsSync(ENDLESS))('is refused where more comes of it than its length says', async () => {
    expect(await codes(ENDLESS)).toEqual(['EFBIG', 'EFBIG']);
  });

  it.skipIf(!existsSync('/proc/version'))('is given whole where its length is not known', async () => {
    const text = await readText('/proc/version');
    expect([text, readBytesSync('/proc/version').toString()]).toEqual([expect.stringMatching(/^Linux .*\n$/), text]);
  });

  it('is given whole where it has exactly as many bytes as such a file may have', async () => {
    const path = join(temporaryFolder('read'), 'file');
    writeFileSync(path, '');
    truncateSync(path, 32 * 1024 * 1024);
    const lengths = [(await readBytes(path)).length, readBytesSync(path).length];
    expect(lengths).toEqual([32 * 1024 * 1024, 32 * 1024 * 1024]);
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
