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
  return { paths: [join(homeDirectory(env), '.kube', 'config')], source: 'default' };
}

/** Replaces a leading `~`. Shells do that, but a path in the configuration of a program has not passed through a shell. */
export function expandHome(path: string, env: Environment): string {
  return path === '~' || path.startsWith('~/') ? join(homeDirectory(env), path.slice(1)) : path;
}
