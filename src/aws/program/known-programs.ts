import { statSync } from 'node:fs';
import type { Environment } from '../../host.ts';
import { findProgram } from '../../system/find-program.ts';
import type { InstalledCLI, InstalledProgram } from './installed-cli.ts';
import { isToolItself } from './program-file.ts';

/** A program that is gone from its place is noticed at once; one that has come to stand before it, after this time. */
const SEARCH_AGAIN_MS = 1000;
/** How many commands are remembered: kubeconfigs from elsewhere may name any number. */
const REMEMBERED = 256;

/** The programs that commands lead to, and the versions that they have told: each binary is asked once. */
export class KnownPrograms {
  /** By command and search path, with the time of the search. */
  readonly #found = new Map<string, { readonly program: InstalledProgram | undefined; readonly foundAt: number }>();
  readonly #installed = new Map<string, Promise<InstalledCLI | undefined>>();

  /** The program behind a command; `undefined` where there is none. */
  find(command: string, env: Environment): InstalledProgram | undefined {
    const key = `${command}\n${env.PATH ?? ''}`;
    const known = this.#found.get(key);
    if (known && performance.now() - known.foundAt < SEARCH_AGAIN_MS && isSame(known.program)) return known.program;
    // As the system finds it: what it would start decides whose token it is.
    const path = findProgram(command, env, { relativeFolders: true });
    const stats = path === undefined ? undefined : statSync(path, { throwIfNoEntry: false });
    const program =
      path === undefined || stats === undefined
        ? undefined
        : { path, mtimeMs: stats.mtimeMs, size: stats.size, itself: isToolItself(path) };
    if (this.#found.size >= REMEMBERED) this.#found.clear();
    this.#found.set(key, { program, foundAt: performance.now() });
    return program;
  }

  /** @param binary path and mtime; a binary that has not told its version is asked again */
  async installedCLI(binary: string, ask: () => Promise<InstalledCLI | undefined>): Promise<InstalledCLI | undefined> {
    const asked = this.#installed.get(binary) ?? ask();
    this.#installed.set(binary, asked);
    const installed = await asked;
    if (installed === undefined) this.#installed.delete(binary);
    return installed;
  }
}

function isSame(program: InstalledProgram | undefined): boolean {
  if (program === undefined) return true;
  const stats = statSync(program.path, { throwIfNoEntry: false });
  return stats?.mtimeMs === program.mtimeMs && stats.size === program.size;
}
