import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Environment } from 'ekspress';
import { optionalProgram } from './optional-programs.ts';
import { expectOwnWords, isDebugged } from './own-words.ts';
import { withValues } from './sh.ts';

/** A shell that may stand behind /bin/sh somewhere. */
export interface Shell {
  readonly name: string;
  readonly command: readonly string[];
}

/** A bash 3.2, which is the `sh` of macOS: no release of a Linux system has it any more. */
const { EKSPRESS_BASH_3_2: oldBash } = process.env;

const KNOWN: readonly Shell[] = [
  ...(oldBash ? [{ name: 'bash 3.2', command: [oldBash, '--posix'] }] : []),
  { name: 'dash', command: ['dash'] },
  { name: 'bash', command: ['bash', '--posix'] },
  { name: 'bash (not as sh)', command: ['bash'] },
  { name: 'busybox', command: ['busybox', 'ash'] },
  { name: 'mksh', command: ['mksh'] },
  { name: 'ksh93', command: ['ksh93'] },
  { name: 'zsh', command: ['zsh', '--emulate', 'sh'] },
  { name: 'yash', command: ['yash'] },
];

/** The shell that this machine calls `sh`, as the first line of the script asks for it. */
const STANDARD: Shell = { name: basename(realpathSync('/bin/sh')), command: ['/bin/sh'] };

/** Whether the script is run with every shell: in the suite of faults, which runs the same files once more. */
export const thorough: boolean = process.env.EKSPRESS_TEST_SHELLS === 'every';

/** What the tests of the script are run with: this machine's `sh` in `npm test`, every shell that it has in `npm run test:faults`. */
export const shells: readonly Shell[] = thorough ? everyShell() : [STANDARD];

/** All that this machine has. */
export function everyShell(): readonly Shell[] {
  return [STANDARD, ...otherShells().filter((shell) => shell !== STANDARD)];
}

function otherShells(): readonly Shell[] {
  const others = KNOWN.filter(({ name }) => name !== STANDARD.name).flatMap(
    ({ name, command: [program = '', ...options] }) => {
      const path = program === oldBash ? program : optionalProgram(program);
      return path === undefined ? [] : [{ name, command: [path, ...options] }];
    },
  );
  return others.length > 0 ? others : [STANDARD];
}

export const SCRIPT: string = fileURLToPath(new URL('../../bin/ekspress-exec', import.meta.url));

/** What the stand-in for Node prints: a miss that can be seen. */
export const NODE_ANSWER = 'NODE WAS ASKED';

export interface Installation {
  /** The script with its two assignments filled in. */
  readonly script: string;
  readonly node: string;
  readonly package: string;
}

/** Installs the script below `root` with a stand-in for Node that runs `body` (sh). */
export function install(root: string, body = `echo '${NODE_ANSWER}'`): Installation {
  const installation = {
    script: join(root, 'ekspress-exec'),
    node: join(root, 'node'),
    package: join(root, 'package'),
  };
  mkdirSync(join(installation.package, 'dist/exec'), { recursive: true });
  writeFileSync(join(installation.package, 'dist/exec/hit.cjs'), '');
  executable(installation.node, `#!/bin/sh\n${body}\n`);
  const values = { ekspress_node: installation.node, ekspress_package: installation.package };
  executable(installation.script, withValues(readFileSync(SCRIPT, 'utf8'), values));
  return installation;
}

export function executable(path: string, text: string): string {
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}

export interface Outcome {
  readonly status: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end with exactly this environment. */
export function run(words: readonly string[], env: Environment, options: { cwd?: string } = {}): Promise<Outcome> {
  const [program = '', ...args] = words;
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { ...options, env, encoding: 'latin1' }, (error, stdout, stderr) => {
      try {
        expectOwnWords(stderr, isDebugged(env));
      } catch (foreign) {
        reject(foreign);
      }
      resolve({ status: error ? (error.code ?? error.signal ?? 'failed') : 0, stdout, stderr });
    });
    child.stdin?.end();
  });
}
