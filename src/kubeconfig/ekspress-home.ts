import { join } from 'node:path';
import { type Environment, homeDirectory } from '../host.ts';

/** What ekspress keeps for a user, outside of the package: it survives upgrades and uninstalls. */
export interface EkspressHome {
  readonly folder: string;
  /** The installed script. */
  readonly script: string;
  /** Copies of kubeconfigs from before their first change. */
  readonly backups: string;
  /** What was applied where, one file for each kubeconfig. */
  readonly records: string;
}

/** `~/.kube/ekspress` and what lies in it. */
export function ekspressHome(env: Environment): EkspressHome {
  const folder = join(homeDirectory(env), '.kube', 'ekspress');
  return {
    folder,
    script: join(folder, 'ekspress-exec'),
    backups: join(folder, 'backups'),
    records: join(folder, 'applied'),
  };
}

/** A path below the home directory the way people write it. */
export function tilde(path: string, env: Environment): string {
  const home = homeDirectory(env);
  return home.length > 1 && path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}
