import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { EKSAuthError } from '../errors.ts';
import { isExecutable } from '../system/find-program.ts';
import { OWN_URL } from './own-url.ts';
import { OUR_PLUGIN } from './plugin-hints.ts';

/** Its programs, by their paths in the package. */
type OwnProgram = 'plugin' | 'manager';

const PATHS: Readonly<Record<OwnProgram, string>> = { plugin: `bin/${OUR_PLUGIN}`, manager: 'dist/cli/main.js' };

/**
 * The path of a program of this package: the exec plugin, which is a shell script, or the command-line program.
 * @param folder where the package is installed. Default: where this code was loaded from
 * @throws EKSAuthError INVALID_CONFIG where it is not there
 */
export function ownProgram(name: OwnProgram, folder?: string): string {
  const found = folder === undefined ? ownFolder() : resolve(folder);
  if (found === undefined) {
    throw missing('This code runs in a bundle, so it is not known where the programs of ekspress are.');
  }
  const path = join(found, PATHS[name]);
  if (isExecutable(path)) return path;
  throw missing(`${path}, a program of ekspress, does not exist or is not executable.`);
}

function ownFolder(): string | undefined {
  return OWN_URL === '' ? undefined : dirname(createRequire(OWN_URL).resolve('ekspress/package.json'));
}

function missing(what: string): EKSAuthError {
  return new EKSAuthError('INVALID_CONFIG', `${what} A kubeconfig without a token calls one of them.`, {
    remedy:
      "Install the package beside the service and pass { packageFolder: '/app/node_modules/ekspress' }, or pass { token: true } for a file with a token that lives for minutes.",
  });
}
