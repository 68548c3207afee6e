import { stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { EKSAuthError } from '../errors.ts';
import { type Environment, homeDirectory } from '../host.ts';
import { refusedWrite } from '../text/refused-write.ts';
import { OUR_PLUGIN } from './plugin-hints.ts';

/** The files that ekspress keeps for a user outside of the package. They survive upgrades and uninstalls. */
export interface EkspressHome {
  readonly folder: string;
  /** The installed script; on Windows the copy of Node that is the plugin there. */
  readonly script: string;
  /** Copies of kubeconfigs from before their first change. */
  readonly backups: string;
  /** Records of the applied changes, one file for each kubeconfig. */
  readonly records: string;
}

/** `~/.kube/ekspress` and the paths in it. */
export function ekspressHome(env: Environment): EkspressHome {
  const folder = join(homeDirectory(env), '.kube', 'ekspress');
  return {
    folder,
    script: join(folder, process.platform === 'win32' ? `${OUR_PLUGIN}.exe` : OUR_PLUGIN),
    backups: join(folder, 'backups'),
    records: join(folder, 'applied'),
  };
}

/** A path in the home directory, written with `~`. On Windows the path as it is: cmd.exe does not know `~`. */
export function tilde(path: string, env: Environment): string {
  return process.platform !== 'win32' && isInHome(path, env) ? `~${path.slice(homeDirectory(env).length)}` : path;
}

/** Whether a path lies in the home directory. */
export function isInHome(path: string, env: Environment): boolean {
  const home = homeDirectory(env);
  return home.length > 1 && path.startsWith(`${home}${sep}`);
}

/**
 * Throws if root would write into the home of another user (`sudo` that keeps HOME). That user could not read the script
 * there, and kubectl would fail.
 * @throws EKSAuthError INVALID_CONFIG
 */
export async function refuseForeignHome({ folder }: EkspressHome): Promise<void> {
  if (process.geteuid?.() !== 0) return;
  const home = dirname(dirname(folder));
  const owner = (await stat(home).catch(() => undefined))?.uid ?? 0;
  if (owner === 0) return;
  throw new EKSAuthError(
    'INVALID_CONFIG',
    `This is root, and HOME (${home}) belongs to user ${owner}. That user could not read the files that root writes. Nothing was changed.`,
    { remedy: "Run it without sudo. For root's own kubeconfig: sudo -H." },
  );
}

/**
 * Runs a function that writes files there.
 * @throws EKSAuthError INVALID_CONFIG if the system refuses
 */
export async function writeThere<T>({ folder }: EkspressHome, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof EKSAuthError) throw error;
    const path = (error as NodeJS.ErrnoException).path ?? folder;
    const { reason, remedy } = refusedWrite(error, path);
    throw new EKSAuthError('INVALID_CONFIG', `${path} cannot be written (${reason}). Nothing was changed.`, {
      remedy,
      cause: error,
    });
  }
}
