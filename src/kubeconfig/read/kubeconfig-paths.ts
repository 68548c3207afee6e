import { delimiter, join } from 'node:path';
import { type Environment, homeDirectory } from '../../host.ts';

/** Where kubectl looks: the parts of `KUBECONFIG` that are not empty, in order, else `~/.kube/config`. */
export interface KubeconfigPaths {
  readonly paths: readonly string[];
  /** `KUBECONFIG`: files of the list that do not exist are skipped, as kubectl does. */
  readonly source: 'KUBECONFIG' | 'default';
}

export function kubeconfigPaths(env: Environment): KubeconfigPaths {
  const listed = (env.KUBECONFIG ?? '').split(delimiter).filter((part) => part !== '');
  // kubectl reads a file that is listed twice once.
  if (listed.length > 0) return { paths: [...new Set(listed)], source: 'KUBECONFIG' };
  return { paths: [join(homeDirectory(env), '.kube', 'config')], source: 'default' };
}

/** `~/x` is the shell's way to say home; a path in a program's configuration has met no shell. */
export function expandHome(path: string, env: Environment): string {
  return path === '~' || path.startsWith('~/') ? join(homeDirectory(env), path.slice(1)) : path;
}
