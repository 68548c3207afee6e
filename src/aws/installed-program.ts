import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import type { Environment } from '../host.ts';
import { shown } from '../kubeconfig/nearest-names.ts';
import type { UnwrappedCommand } from './arguments/unwrap-command.ts';
import type { InstalledProgram } from './installed-cli.ts';
import type { MintMemory } from './mint-memory.ts';
import { isToolItself } from './program-file.ts';
import { Undecidable } from './undecidable.ts';

/** What is not at its place any more is noticed at once; what has come to stand before it, after this long. */
const SEARCH_AGAIN_MS = 1000;
/** How many commands are remembered: kubeconfigs of strangers may name any number. */
const REMEMBERED = 256;

/** The program behind a command; `undefined` where there is none. */
export function installedProgram(command: string, env: Environment, memory: MintMemory): InstalledProgram | undefined {
  const searchPath = env.PATH ?? '';
  const key = `${command}\n${searchPath}`;
  const known = memory.programs.get(key);
  if (known && performance.now() - known.foundAt < SEARCH_AGAIN_MS && isSame(known.program)) return known.program;
  const path = findProgram(command, searchPath);
  const stats = path === undefined ? undefined : statSync(path, { throwIfNoEntry: false });
  const program =
    path === undefined || stats === undefined
      ? undefined
      : { path, mtimeMs: stats.mtimeMs, size: stats.size, itself: isToolItself(path) };
  if (memory.programs.size >= REMEMBERED) memory.programs.clear();
  memory.programs.set(key, { program, foundAt: performance.now() });
  return program;
}

/**
 * A script that is called like the tool may choose another identity before it starts the real one, so it is run.
 * @throws Undecidable
 */
export function refuseWrapperScript({ command }: UnwrappedCommand, env: Environment, memory: MintMemory): void {
  // To look at such a path is to sign in to the machine that it names.
  if (process.platform === 'win32' && /^[\\/]{2}/.test(command))
    throw new Undecidable(`${shown(command)} is on a network`);
  const program = installedProgram(command, env, memory);
  if (program && !program.itself) throw new Undecidable(`${shown(program.path)} is a script of its own kind`);
}

function isSame(program: InstalledProgram | undefined): boolean {
  if (program === undefined) return true;
  const stats = statSync(program.path, { throwIfNoEntry: false });
  return stats?.mtimeMs === program.mtimeMs && stats.size === program.size;
}

function findProgram(command: string, searchPath: string): string | undefined {
  const endings =
    process.platform === 'win32' && !/\.(?:exe|cmd|bat)$/i.test(command) ? ['.exe', '.cmd', '.bat'] : [''];
  const folders = /[/\\]/.test(command) ? [''] : searchPath.split(delimiter).map((folder) => folder || '.');
  for (const folder of folders) {
    for (const ending of endings) {
      const path = resolve(folder, `${command}${ending}`);
      if (isExecutable(path)) return path;
    }
  }
  return undefined;
}

function isExecutable(path: string): boolean {
  try {
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return false;
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
