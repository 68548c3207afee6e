import { isAbsolute, join, resolve } from 'node:path';
import { type Environment, homeDirectory } from '../../host.ts';
import { Undecidable } from '../undecidable.ts';

/** The files that every plan depends on, absent ones included. */
export interface AWSFilePaths {
  readonly home: string;
  /** Empty where AWS_CONFIG_FILE is set and empty, which means none. */
  readonly config: string;
  /** Empty where AWS_SHARED_CREDENTIALS_FILE is set and empty, which means none. */
  readonly credentials: string;
  /** The CLI's command aliases: one that renames `eks` changes everything. */
  readonly alias: string;
}

/** Where the AWS CLI looks for its files in this environment. */
export function awsFiles(env: Environment): AWSFilePaths {
  const home = homeDirectory(env);
  return {
    home,
    config: fileFrom(env, 'AWS_CONFIG_FILE') ?? join(home, '.aws', 'config'),
    credentials: fileFrom(env, 'AWS_SHARED_CREDENTIALS_FILE') ?? join(home, '.aws', 'credentials'),
    alias: join(home, '.aws', 'cli', 'alias'),
  };
}

function fileFrom(env: Environment, variable: string): string | undefined {
  const value = env[variable];
  return value === undefined
    ? undefined
    : expandUser(
        expandVariables(value, (name) => env[name]),
        homeDirectory(env),
      );
}

/** `os.path.expandvars()`: `$NAME` and `${NAME}`; unknown ones stay. */
export function expandVariables(path: string, lookUp: (name: string) => string | undefined): string {
  return path.replace(/\$(\w+|\{[^}]*\})/g, (match, name: string) => {
    return lookUp(name.startsWith('{') ? name.slice(1, -1) : name) ?? match;
  });
}

/** `os.path.expanduser()`, then made absolute; an empty path stays empty (it names no file). */
export function expandUser(path: string, home: string): string {
  if (path === '') return '';
  if (path === '~' || path.startsWith('~/')) return join(home, path.slice(1));
  if (path.startsWith('~')) throw new Undecidable(`a path in another user's home directory (${path})`);
  return isAbsolute(path) ? path : resolve(path);
}
