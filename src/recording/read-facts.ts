import { dirname, isAbsolute, resolve } from 'node:path';
import type { Environment } from '../host.ts';
import { findProgram } from '../system/find-program.ts';
import { lookAtFile } from './look.ts';
import { MINT_VARIABLES } from './mint-variables.ts';
import type { RecordedFile } from './recording.ts';

/** Variables whose values every reader of an entry compares, so nothing more is recorded of them. */
export const COMPARED: Set<string> = new Set();
/** Variables that are never written down. */
export const SECRETS: Set<string> = new Set();
for (const { name, kind, group } of MINT_VARIABLES) {
  if (kind === 'presence' || kind === 'secret') SECRETS.add(name);
  else if (group === 'always') COMPARED.add(name);
}

/** What a mint has read, without the environment that it read it from. */
export interface ReadFacts {
  /** The values by name; undefined: the variable was unset. */
  readonly variables: ReadonlyMap<string, string | undefined>;
  readonly lookUps: ReadonlyMap<string, string | undefined>;
  readonly files: ReadonlyMap<string, RecordedFile>;
}

/** Whether everything that was read is still the same, with the variables of `env`. Never throws. */
export async function isAsRead({ variables, lookUps, files }: ReadFacts, env: Environment): Promise<boolean> {
  for (const [name, value] of variables) if (env[name] !== value) return false;
  for (const [name, found] of lookUps) {
    if (findProgram(name, env, { relativeFolders: true }) !== found) return false;
  }
  for (const before of files.values()) {
    const file = await lookAtFile(before.path, before.program).catch(() => undefined);
    if (!file || !isSameState(before, file)) return false;
  }
  return true;
}

/** Variables that a mint has read. */
export interface Reads {
  /** The values by name; undefined: the variable is unset. */
  readonly variables: ReadonlyMap<string, string | undefined>;
  /** Names of the variables that a `$NAME` brought in. */
  readonly expanded: ReadonlySet<string>;
}

/** Whether two looks at one path found the same, unchanged file. Of a program only the date is compared. */
export function isSameState(one: RecordedFile, other: RecordedFile): boolean {
  if (one.state !== other.state || one.mtimeNs !== other.mtimeNs) return false;
  if (one.program || other.program) return true;
  return one.ctimeNs === other.ctimeNs && one.size === other.size && one.inode === other.inode;
}

/** Whether a folder of PATH that depends on the working directory comes before the program that was found. */
export function hasRelativeFolders({ PATH }: Environment, found: string | undefined): boolean {
  if (!PATH) return false;
  const folders = PATH.split(process.platform === 'win32' ? ';' : ':');
  if (folders.every((folder) => isAbsolute(folder))) return false;
  const last = found === undefined ? folders.length : folders.findIndex((folder) => resolve(folder) === dirname(found));
  return folders.slice(0, last === -1 ? folders.length : last).some((folder) => !isAbsolute(folder));
}
