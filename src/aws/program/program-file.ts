import type { ProgramKind } from './installed-cli.ts';

/** How much of a file is read. The known scripts are smaller, the programs larger. */
const READ_BYTES = 8192;
/** How many scripts may start one another. */
const MAX_HOPS = 3;

/** The first bytes of a program; undefined where it may be run but not read. */
type ReadProgram = (path: string, length: number) => Buffer | undefined;

/**
 * Whether a file called `aws` (or `aws-iam-authenticator`) is that program or another script. A script may choose
 * another profile, other keys or another program before it starts the real one. The answer is certain for a binary, for
 * the Python scripts that installers of the AWS CLI write, and for scripts that only choose a version or start such a
 * file.
 */
export function kindOfProgram(path: string, read: ReadProgram, hops = 0): ProgramKind {
  const text = scriptText(path, read);
  if (text === undefined) return 'tool';
  if (text === TOO_LONG) return 'script';
  if (PYTHON.test(text)) return IMPORTS_CLI.test(text) && !DECIDES_ITSELF.test(text) ? 'tool' : 'script';
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const last = (lines.pop() ?? '').replace(/\s+#.*$/, '');
  if (!lines.every((line) => HARMLESS_LINES.some((pattern) => pattern.test(line)))) return 'script';
  if (VERSION_MANAGER.test(last)) return 'shim';
  const [, quoted, bare] = HANDS_ON.exec(last) ?? [];
  const target = quoted ?? bare;
  return target !== undefined && hops < MAX_HOPS ? kindOfProgram(target, read, hops + 1) : 'script';
}

const TOO_LONG = Symbol('a script of a length that no installer writes');

/** `undefined` for what is not a script: a binary, or a file that may be run but not read. */
function scriptText(path: string, read: ReadProgram): string | typeof TOO_LONG | undefined {
  const bytes = read(path, READ_BYTES);
  if (bytes === undefined) return undefined;
  if (bytes.includes(0)) return bytes.toString('latin1', 0, 2) === '#!' ? TOO_LONG : undefined;
  return bytes.length === READ_BYTES ? TOO_LONG : bytes.toString('utf8');
}

/**
 * A Python script: by its first line, or by the workaround for interpreter paths that are too long for one. `aws.cmd`
 * is Python from line five on.
 */
const PYTHON = /^(?:#!.*python[\d.]*(?:\s+-\w+)*\s*\n|#!\s*\/bin\/sh\n'''exec' |@echo off\s*\nREM=""")/i;
/**
 * Signs that a script decides something itself: variables of AWS, arguments, other programs. The scripts of installers
 * have none of them.
 */
const DECIDES_ITSELF = /AWS_|\bargv\b(?!\[0\])|\bsubprocess\b|\bos\.(?:exec|spawn|system|popen)|['"]--\w/;
const IMPORTS_CLI = /^\s*(?:import|from) awscli\b|run_script\('awscli==/m;

/**
 * The lines of a script that only chooses a version. They set variables of the script itself, PATH, and variables of
 * Python.
 */
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
/** Starts a file of the same name, or the file to which a packager has renamed it. */
const HANDS_ON =
  /^(?:PYTHON\w*="[^"`$]*" )*exec (?:-a "\$0" )?(?:"(\/(?:[\w./+@ -]*\/)?(?:\.aws-wrapped|aws|aws-iam-authenticator))"|(\/(?:[\w./+@-]*\/)?(?:\.aws-wrapped|aws|aws-iam-authenticator))) +"\$@"$/;
