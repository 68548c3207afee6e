import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * An `aws` for tests that counts as the AWS CLI, as a version manager puts it in place: a script of `body` behind the
 * shim that asdf writes. (A script of any other kind is not taken for the AWS CLI.)
 */
export function writeAWSProgram(path: string, body: string): string {
  const manager = join(dirname(path), '.asdf', 'asdf');
  mkdirSync(dirname(manager), { recursive: true });
  // Called as `asdf exec aws …`.
  writeFileSync(manager, `#!/bin/sh\nshift 2\n${body}\n`, { mode: 0o755 });
  writeFileSync(path, `#!/bin/sh\n# asdf-plugin: awscli\nexec "${manager}" exec "aws" "$@"\n`, { mode: 0o755 });
  return path;
}
