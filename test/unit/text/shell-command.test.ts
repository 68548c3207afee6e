import { describe, expect, it } from 'vitest';
import { type ShellTask, shellCommandOf } from '../../../src/text/shell-command.ts';

const HOME = 'C:\\Users\\Kim Lee';

/** Each task in the home of a person whose name has a blank. */
const ON_WINDOWS: Readonly<Record<ShellTask, string>> = {
  removeFile: `del "${HOME}"`,
  removeJSONFiles: `del "${HOME}\\*.json"`,
  seeRights: `icacls "${HOME}"`,
  seeRightsOfFolder: `icacls "${HOME}"`,
  allowWriting: `attrib -r "${HOME}"`,
  makeExecutable: `icacls "${HOME}" /grant *S-1-3-4:RX`,
  makePrivate: `icacls "${HOME}" /inheritance:r /grant:r *S-1-3-4:F`,
  makeFolderPrivate: `icacls "${HOME}" /inheritance:r /grant:r "*S-1-3-4:(OI)(CI)F"`,
  takeFolder: `takeown /f "${HOME}" /r`,
  makeSecret: `node -p "require('node:crypto').randomBytes(32).toString('base64')"`,
  showClock: 'node -p "new Date()"',
  setClock: 'w32tm /resync',
};
const TASKS = Object.keys(ON_WINDOWS) as ShellTask[];

describe('the command of a message', () => {
  it.each(TASKS)('is one of Windows there: %s', (task) => {
    expect(shellCommandOf('win32', task, HOME)).toBe(ON_WINDOWS[task]);
  });

  it('has the words of sh on other systems', () => {
    const commands = TASKS.map((task) => shellCommandOf('darwin', task, '~/Kim Lee'));
    expect(commands).toEqual([
      "rm ~/'Kim Lee'",
      "rm ~/'Kim Lee'/*.json",
      "ls -l ~/'Kim Lee'",
      "ls -ld ~/'Kim Lee'",
      "chmod u+w ~/'Kim Lee'",
      "chmod 755 ~/'Kim Lee'",
      "chmod 600 ~/'Kim Lee'",
      "chmod 700 ~/'Kim Lee'",
      `sudo chown -R "$(id -un)" ~/'Kim Lee'`,
      'openssl rand -base64 32',
      'date -u',
      'timedatectl set-ntp true',
    ]);
  });

  it('names several paths where the program takes several', () => {
    expect(shellCommandOf('linux', 'seeRightsOfFolder', '/a', '/a/b')).toBe('ls -ld /a /a/b');
    expect(shellCommandOf('win32', 'seeRightsOfFolder', 'C:\\a', 'C:\\a\\b')).toBe('icacls C:\\a\\b');
  });
});
