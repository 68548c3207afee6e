import { win32 } from 'node:path';
import { shellPath } from './shell-word.ts';

// A command for the programs of one system stands in this table, with its form for Windows, or it does not compile.
// test/unit/architecture/one-door.test.ts finds it anywhere else.

/** What a message tells people to do in the shell of their system. */
export type ShellTask =
  | 'removeFile'
  | 'removeJSONFiles'
  | 'seeRights'
  | 'seeRightsOfFolder'
  | 'allowWriting'
  | 'makeExecutable'
  | 'makePrivate'
  | 'makeFolderPrivate'
  | 'takeFolder'
  | 'makeSecret'
  | 'showClock'
  | 'setClock';

interface Forms {
  /** For sh. */
  readonly unix: (...paths: readonly [string, ...string[]]) => string;
  /** For cmd.exe and PowerShell alike. */
  readonly windows: (...paths: readonly [string, ...string[]]) => string;
}

const unix = (path: string): string => shellPath(path, 'linux');
const windows = (path: string): string => shellPath(path, 'win32');
/** The owner of a file, whichever user that is. */
const OWNER = '*S-1-3-4';

const COMMANDS: Readonly<Record<ShellTask, Forms>> = {
  removeFile: { unix: (file) => `rm ${unix(file)}`, windows: (file) => `del ${windows(file)}` },
  removeJSONFiles: {
    unix: (folder) => `rm ${unix(folder)}/*.json`,
    windows: (folder) => `del ${windows(win32.join(folder, '*.json'))}`,
  },
  seeRights: { unix: (file) => `ls -l ${unix(file)}`, windows: (file) => `icacls ${windows(file)}` },
  seeRightsOfFolder: {
    unix: (...paths) => `ls -ld ${paths.map(unix).join(' ')}`,
    // icacls takes one path.
    windows: (...paths) => `icacls ${windows(paths.at(-1) ?? '')}`,
  },
  allowWriting: { unix: (file) => `chmod u+w ${unix(file)}`, windows: (file) => `attrib -r ${windows(file)}` },
  makeExecutable: {
    unix: (file) => `chmod 755 ${unix(file)}`,
    windows: (file) => `icacls ${windows(file)} /grant ${OWNER}:RX`,
  },
  makePrivate: {
    unix: (file) => `chmod 600 ${unix(file)}`,
    windows: (file) => `icacls ${windows(file)} /inheritance:r /grant:r ${OWNER}:F`,
  },
  makeFolderPrivate: {
    unix: (folder) => `chmod 700 ${unix(folder)}`,
    windows: (folder) => `icacls ${windows(folder)} /inheritance:r /grant:r "${OWNER}:(OI)(CI)F"`,
  },
  takeFolder: {
    unix: (folder) => `sudo chown -R "$(id -un)" ${unix(folder)}`,
    windows: (folder) => `takeown /f ${windows(folder)} /r`,
  },
  makeSecret: {
    unix: () => 'openssl rand -base64 32',
    windows: () => `node -p "require('node:crypto').randomBytes(32).toString('base64')"`,
  },
  showClock: { unix: () => 'date -u', windows: () => 'node -p "new Date()"' },
  setClock: { unix: () => 'timedatectl set-ntp true', windows: () => 'w32tm /resync' },
};

/** The command that is pasted into the shell of this platform. */
export function shellCommand(task: ShellTask, ...paths: readonly string[]): string {
  return shellCommandOf(process.platform, task, ...paths);
}

/** The same for any platform. */
export function shellCommandOf(platform: NodeJS.Platform, task: ShellTask, ...paths: readonly string[]): string {
  const [path = '', ...more] = paths;
  return COMMANDS[task][platform === 'win32' ? 'windows' : 'unix'](path, ...more);
}
