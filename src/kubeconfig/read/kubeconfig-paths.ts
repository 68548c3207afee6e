import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Environment, homeDirectory } from '../../host.ts';

/** The kubeconfig files that kubectl reads: the non-empty parts of `KUBECONFIG` in order, else `~/.kube/config`. */
export interface KubeconfigPaths {
  readonly paths: readonly string[];
  /** `KUBECONFIG`: files of the list that do not exist are skipped, as kubectl does. */
  readonly source: 'KUBECONFIG' | 'default';
}

export function kubeconfigPaths(env: Environment): KubeconfigPaths {
  const listed = (env.KUBECONFIG ?? '').split(delimiter).filter((part) => part !== '');
  // kubectl reads a file only once, also if it is listed twice.
  if (listed.length > 0) return { paths: [...new Set(listed)], source: 'KUBECONFIG' };
  return { paths: [join(kubectlHome(env), '.kube', 'config')], source: 'default' };
}

/**
 * The home directory in which kubectl looks for `.kube`. On Windows it is the first of HOME, HOMEDRIVE with HOMEPATH, and
 * USERPROFILE that has a `.kube\\config`, else the first of HOME, USERPROFILE and HOMEDRIVE with HOMEPATH that can be
 * written, that exists, or that is set (client-go's homedir).
 */
export function kubectlHome(env: Environment): string {
  if (process.platform !== 'win32') return homeDirectory(env);
  const { HOME: home, HOMEDRIVE: drive, HOMEPATH: path, USERPROFILE: profile } = env;
  const onDrive = drive && path ? `${drive}${path}` : undefined;
  const withConfig = [home, onDrive, profile].find((folder) => folder && existsSync(join(folder, '.kube', 'config')));
  const set = [home, profile, onDrive].filter((folder): folder is string => Boolean(folder));
  return withConfig ?? set.find(isWritable) ?? set.find((folder) => existsSync(folder)) ?? set[0] ?? homeDirectory(env);
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return statSync(folder).isDirectory();
  } catch {
    return false;
  }
}

/** Replaces a leading `~`. Shells do that, but a path in the configuration of a program has not passed through a shell. */
export function expandHome(path: string, env: Environment): string {
  return path === '~' || path.startsWith('~/') ? join(homeDirectory(env), path.slice(1)) : path;
}
