import { type Check, FLAG, type Schema, TEXT, that } from '../../options/checks.ts';

/** Options of {@link Cluster.writeKubeconfig}. */
export interface WriteKubeconfigOptions {
  /** Whether an existing file is replaced. Default: false, it is an error. */
  readonly replace?: boolean | undefined;
  /**
   * Writes the token that the cluster has now, in place of a command that gets one. The file serves for at most 14 minutes,
   * and everyone who can read it has the token. Default: false.
   */
  readonly token?: boolean | undefined;
  /**
   * The folder where the package ekspress is installed, whose programs the file calls. Default: where this code was loaded
   * from. A service in a bundle must name it.
   */
  readonly packageFolder?: string | undefined;
}

export const WRITE_SCHEMA: Schema<WriteKubeconfigOptions> = { replace: FLAG, token: FLAG, packageFolder: TEXT };

export const FILE_PATH: Check = that('the path of a file', (value) => typeof value === 'string' && value !== '');
