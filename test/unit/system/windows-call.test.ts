import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { windowsCall } from '../../../src/system/windows-call.ts';
import { temporaryFolder } from '../../support/temporary.ts';

/** A PATH of one folder with a program of that name. */
function withProgram(name: string) {
  const folder = temporaryFolder('windows');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), '');
  chmodSync(join(folder, name), 0o755);
  return { PATH: folder, SYSTEMROOT: 'C:\\Windows' };
}

describe('the call of a program on Windows', () => {
  it('gives an executable its words as they are', () => {
    const env = withProgram('aws.exe');
    expect(windowsCall('aws', ['a&b', '%PATH%'], env)).toEqual({
      command: join(env.PATH, 'aws.exe'),
      args: ['a&b', '%PATH%'],
      windowsVerbatimArguments: false,
    });
  });

  it('has cmd.exe start a batch file, with each word in quotes', () => {
    const env = withProgram('aws.cmd');
    expect(windowsCall('aws', ['eks', '--profile', 'my team'], env)).toEqual({
      command: 'C:\\Windows\\System32\\cmd.exe',
      args: ['/d', '/s', '/c', `""${join(env.PATH, 'aws.cmd')}" "eks" "--profile" "my team""`],
      windowsVerbatimArguments: true,
    });
  });

  it.each([
    'a&b',
    '%USERNAME%',
    'a"b',
    'a^b',
    '!x!',
    'a|b',
    '<x',
    '>x',
    '(x)',
    'a\nb',
    'ü',
    'C:\\x\\',
    'a;b',
    '~',
    '`x`',
    "'",
    '$x',
    '*',
    '?',
  ])('does not start a batch file with the word %j', (word) => {
    const env = withProgram('aws.cmd');
    expect(() => windowsCall('aws', [word], env)).toThrow(/cmd\.exe could misread the word/);
  });

  it('does not find a program in the current folder', () => {
    expect(() => windowsCall('aws', [], { PATH: 'C:\\none' })).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  });
});
