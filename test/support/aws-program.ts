import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * An `aws` for tests that counts as the AWS CLI, as pip puts it in place in a folder with a long name: a script of `body`
 * behind it plays Python. (A script of any other kind is not taken for the AWS CLI.)
 */
export function writeAWSProgram(path: string, body: string): string {
  const python = join(dirname(path), '.venv', 'python');
  mkdirSync(dirname(python), { recursive: true });
  // Called as `python aws …`.
  writeFileSync(python, `#!/bin/sh\nshift\n${body}\n`, { mode: 0o755 });
  writeFileSync(path, `#!/bin/sh\n'''exec' "${python}" "$0" "$@"\n' '''\nimport awscli.clidriver\n`, { mode: 0o755 });
  return path;
}

/** The same as a version manager puts it in place: it starts the release that a variable or the working directory chooses. */
export function writeAWSShim(path: string, body: string): string {
  const manager = join(dirname(path), '.asdf', 'asdf');
  mkdirSync(dirname(manager), { recursive: true });
  // Called as `asdf exec aws …`.
  writeFileSync(manager, `#!/bin/sh\nshift 2\n${body}\n`, { mode: 0o755 });
  writeFileSync(path, `#!/bin/sh\n# asdf-plugin: awscli\nexec "${manager}" exec "aws" "$@"\n`, { mode: 0o755 });
  return path;
}
