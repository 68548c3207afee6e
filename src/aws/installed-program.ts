import { statSync } from 'node:fs';
import type { Environment } from '../host.ts';
import { findProgram } from '../system/find-program.ts';
import { shown } from '../text/nearest-names.ts';
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
  const key = `${command}\n${env.PATH ?? ''}`;
  const known = memory.programs.get(key);
  if (known && performance.now() - known.foundAt < SEARCH_AGAIN_MS && isSame(known.program)) return known.program;
  // As the system finds it: what it would start decides whose token it is.
  const path = findProgram(command, env, { relativeFolders: true });
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
