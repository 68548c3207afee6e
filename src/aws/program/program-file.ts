import { closeSync, openSync, readSync } from 'node:fs';

/** A file is read as far as this: the scripts that are known are smaller, the programs larger. */
const READ_BYTES = 8192;
/** How many scripts may hand on to one another. */
const MAX_HOPS = 3;

/**
 * Whether a file called `aws` (or `aws-iam-authenticator`) is that program and not a script of somebody's that may
 * choose another profile, other keys or another program before it starts the real one. Certain are a binary, the Python
 * scripts that installers of the AWS CLI write, and scripts that only choose a version or hand on to such a file.
 */
export function isToolItself(path: string, hops = 0): boolean {
  const text = scriptText(path);
  if (text === undefined) return true;
  if (text === TOO_LONG) return false;
  if (PYTHON.test(text)) return IMPORTS_CLI.test(text) && !DECIDES_ITSELF.test(text);
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const last = (lines.pop() ?? '').replace(/\s+#.*$/, '');
  if (!lines.every((line) => HARMLESS_LINES.some((pattern) => pattern.test(line)))) return false;
  if (VERSION_MANAGER.test(last)) return true;
  const [, quoted, bare] = HANDS_ON.exec(last) ?? [];
  const target = quoted ?? bare;
  return target !== undefined && hops < MAX_HOPS && isToolItself(target, hops + 1);
}

const TOO_LONG = Symbol('a script of a length that no installer writes');

/** `undefined` for what is no script: a binary, or a file that may be run but not read. */
function scriptText(path: string): string | typeof TOO_LONG | undefined {
  const bytes = Buffer.alloc(READ_BYTES);
  let length: number;
  try {
    const file = openSync(path, 'r');
    try {
      length = readSync(file, bytes, 0, READ_BYTES, 0);
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
  const read = bytes.subarray(0, length);
  if (read.includes(0)) return read.toString('latin1', 0, 2) === '#!' ? TOO_LONG : undefined;
  return length === READ_BYTES ? TOO_LONG : read.toString('utf8');
}

/** Python by its first line, or by the trick for paths that are too long for one; `aws.cmd` is one from line five on. */
const PYTHON = /^(?:#!.*python[\d.]*(?:\s+-\w+)*\s*\n|#!\s*\/bin\/sh\n'''exec' |@echo off\s*\nREM=""")/i;
/** Variables of AWS's, and words or programs of its own: what installers write says nothing of them. */
const DECIDES_ITSELF = /AWS_|\bargv\b(?!\[0\])|\bsubprocess\b|\bos\.(?:exec|spawn|system|popen)|['"]--\w/;
const IMPORTS_CLI = /^\s*(?:import|from) awscli\b|run_script\('awscli==/m;

/** In a script that chooses a version: names of its own, and nothing that reaches the command but PATH and Python's. */
const HARMLESS_LINES: readonly RegExp[] = [
  /^set -\w+$/,
  /^\[ -n "\$(?:PYENV|ASDF)_DEBUG" \] && set -x$/,
  /^(?:export )?(?:_?PYENV_\w+|ASDF_\w+|SHIM_PATH|program|PATH|PYTHON\w*)=(?:"(?:(?!\$\()[^"`])*"|'[^']*'|(?!\$\()[^\s"'`;&|])*$/,
  /^export (?:PATH|PYTHON\w*)$/,
  /^if \[\[? (?:(?!\$\()[^`;&|])* \]\]?; then$/,
  /^(?:for arg; do|case "\$arg" in|-c\* \| -- \) break ;;|\*\/\* \)|break|;;|esac|done|fi)$/,
];
const VERSION_MANAGER =
  /^exec (?:"(?:\/[\w./+@ -]*\/)?(?:pyenv|asdf|mise|rtx)"|(?:\/[\w./+@-]*\/)?(?:pyenv|asdf|mise|rtx)) (?:exec|x) (?:-- )?"?(?:\$program|aws|aws-iam-authenticator)"? "\$@"$/;
/** To a file of the same name, or to what a packager has renamed it to. */
const HANDS_ON =
  /^(?:PYTHON\w*="[^"`$]*" )*exec (?:-a "\$0" )?(?:"(\/(?:[\w./+@ -]*\/)?(?:\.aws-wrapped|aws|aws-iam-authenticator))"|(\/(?:[\w./+@-]*\/)?(?:\.aws-wrapped|aws|aws-iam-authenticator))) +"\$@"$/;
