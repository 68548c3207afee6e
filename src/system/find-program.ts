import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute, posix, resolve, win32 } from 'node:path';
import type { Environment } from '../host.ts';

/** How a program is looked for. */
export interface ProgramSearch {
  /**
   * Also in folders of PATH that depend on the working directory, as the system does when it starts a program. Default:
   * false, since such a folder is another one for the next process.
   */
  readonly relativeFolders?: boolean;
  /** Default: the system that this process runs on. */
  readonly platform?: NodeJS.Platform;
}

/**
 * The file that a command name stands for: the first on PATH that may be executed, on Windows with an ending of PATHEXT.
 * A command that is a path stands for itself.
 * @returns an absolute path, or undefined where there is no such program
 */
export function findProgram(command: string, env: Environment, search: ProgramSearch = {}): string | undefined {
  const { relativeFolders = false, platform = process.platform } = search;
  const names = endingsOf(command, env, platform).map((ending) => `${command}${ending}`);
  for (const folder of foldersFor(command, env, platform)) {
    if (folder !== undefined && !relativeFolders && !isAbsolute(folder)) continue;
    const found = names.map((name) => resolve(folder ?? '', name)).find(isExecutable);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether a path leads to a file that this process may execute. */
export function isExecutable(path: string): boolean {
  try {
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return false;
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The folders of PATH, of which an empty one is the working directory; undefined alone for a path. */
function foldersFor(command: string, env: Environment, platform: NodeJS.Platform): readonly (string | undefined)[] {
  const windows = platform === 'win32';
  if (command.includes('/') || (windows && command.includes('\\'))) return [undefined];
  return (env.PATH ?? '').split(windows ? win32.delimiter : posix.delimiter);
}

function endingsOf(command: string, env: Environment, platform: NodeJS.Platform): readonly string[] {
  if (platform !== 'win32') return [''];
  const endings = (env.PATHEXT || '.COM;.EXE;.BAT;.CMD').toLowerCase().split(';').filter(Boolean);
  return endings.some((ending) => command.toLowerCase().endsWith(ending)) ? ['', ...endings] : endings;
}
