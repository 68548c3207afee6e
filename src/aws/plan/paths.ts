import { join } from 'node:path';
import type { VariableName } from '../../recording/mint-variables.ts';
import type { Recorder } from '../../recording/recorder.ts';
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
export function awsFiles(recorder: Recorder): AWSFilePaths {
  const home = recorder.home();
  return {
    home,
    config: fileFrom(recorder, 'AWS_CONFIG_FILE') ?? join(home, '.aws', 'config'),
    credentials: fileFrom(recorder, 'AWS_SHARED_CREDENTIALS_FILE') ?? join(home, '.aws', 'credentials'),
    alias: join(home, '.aws', 'cli', 'alias'),
  };
}

function fileFrom(recorder: Recorder, variable: VariableName): string | undefined {
  const value = recorder.variable(variable);
  return value === undefined ? undefined : expandUser(expandVariables(value, recorder), recorder.home());
}

/** `os.path.expandvars()`: `$NAME` and `${NAME}`; unknown ones stay. */
export function expandVariables(path: string, recorder: Recorder): string {
  return path.replace(/\$(\w+|\{[^}]*\})/g, (match, name: string) => {
    return recorder.expand(name.startsWith('{') ? name.slice(1, -1) : name) ?? match;
  });
}

/** `os.path.expanduser()`; an empty path stays empty (it names no file). */
export function expandUser(path: string, home: string): string {
  if (path === '') return '';
  if (path === '~' || path.startsWith('~/')) return join(home, path.slice(1));
  if (path.startsWith('~')) throw new Undecidable(`a path in another user's home directory (${path})`);
  return path;
}
