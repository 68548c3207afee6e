import { realpathSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import type { Environment } from '../host.ts';
import { findProgram, isExecutable } from '../system/find-program.ts';

/** Folders that version managers make for one shell or one login. */
const SHORT_LIVED = /^\/run\/|fnm_multishells/;

/**
 * The Node that the installed script starts. That is the Node of this process, by a name in PATH that leads to it: the link
 * stays where an upgrade (`brew upgrade node`) replaces the folder behind it. Where this process runs in Bun or Deno, it is
 * the first `node` in PATH.
 * @param versions `process.versions`
 */
export function recordedNode(
  env: Environment,
  execPath: string = process.execPath,
  versions: Readonly<Record<string, string | undefined>> = process.versions,
): string {
  if (!isNode(versions)) return findProgram('node', env) ?? execPath;
  const own = realPath(execPath);
  const names = (env.PATH ?? '').split(delimiter).filter(isAbsolute);
  const links = names.filter((folder) => !SHORT_LIVED.test(folder)).map((folder) => join(folder, 'node'));
  return links.find((link) => isExecutable(link) && realPath(link) === own) ?? execPath;
}

/** Whether a program is Node itself, and not another one that runs its programs. */
export function isNode(versions: Readonly<Record<string, string | undefined>>): boolean {
  return versions.bun === undefined && versions.deno === undefined;
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
