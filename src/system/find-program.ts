import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute, posix, resolve, win32 } from 'node:path';
import type { Environment } from '../host.ts';

/** How to look for a program. */
export interface ProgramSearch {
  /**
   * Also look in relative folders of PATH, as the system does when it starts a program. Default: false, as such a folder
   * is a different one for a process with another working directory.
   */
  readonly relativeFolders?: boolean;
  /** Default: the system that this process runs on. */
  readonly platform?: NodeJS.Platform;
}

/**
 * The program of a command: the first executable file on PATH with that name, on Windows with an ending of PATHEXT. A
 * command that is a path is not looked for on PATH.
 * @returns an absolute path, or undefined if there is no such program
 */
export function findProgram(command: string, env: Environment, search: ProgramSearch = {}): string | undefined {
  const { relativeFolders = false, platform = process.platform } = search;
  const endings = endingsOf(command, env, platform);
  for (const folder of foldersFor(command, env, platform)) {
    const absolute = folder !== undefined && isAbsolute(folder);
    if (folder !== undefined && !absolute && !relativeFolders) continue;
    for (const ending of endings) {
      const name = `${command}${ending}`;
      // Only what is found is resolved: each mint of a service searches all of PATH.
      if (absolute ? isExecutable(`${folder}/${name}`) : isExecutable(resolve(folder ?? '', name))) {
        return resolve(folder ?? '', name);
      }
    }
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

/** The folders of PATH; an empty one means the working directory. For a command that is a path: one `undefined`. */
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
