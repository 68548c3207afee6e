import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { NOWHERE } from './paths.ts';
import { temporaryFolder } from './temporary.ts';

/** A program for Windows that is started with exactly these variables. */
export interface WindowsProgram {
  /** Default: node.exe. */
  readonly program?: string;
  /** Its arguments. Paths of this machine are `Z:\…`. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** In milliseconds: how long to wait before it. */
  readonly pauseMs?: number;
}

/** How it ended. */
export interface WindowsOutcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs in wine: starts each program and writes down how it ended. */
const DRIVER = `
const { readFileSync, writeFileSync } = require('node:fs');
const { spawnSync } = require('node:child_process');
const [questions, answers] = process.argv.slice(2);
const outcomes = JSON.parse(readFileSync(questions, 'utf8')).map(({ program = process.execPath, args, env, pauseMs = 0 }) => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
  const { status, stdout, stderr, error } = spawnSync(program, args, { env, encoding: 'utf8' });
  return { status, stdout: stdout ?? '', stderr: (stderr ?? '') + (error ? String(error) : '') };
});
writeFileSync(answers, JSON.stringify(outcomes));`;

/** Windows' own variables, without which programs do not start. */
const SYSTEM = { SystemRoot: 'C:\\windows', NODE_SKIP_PLATFORM_CHECK: '1' };

/** The path of a file of this machine as a program for Windows sees it. */
export function windowsPath(path: string): string {
  return `Z:${path.replaceAll('/', '\\')}`;
}

/** Runs programs under Node for Windows, one after the other. */
export async function onWindows(programs: readonly WindowsProgram[]): Promise<WindowsOutcome[]> {
  const folder = temporaryFolder('wine');
  const [driver, questions, answers] = ['driver.cjs', 'questions.json', 'answers.json'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  writeFileSync(driver, DRIVER);
  writeFileSync(questions, JSON.stringify(programs.map(({ env, ...one }) => ({ ...one, env: { ...SYSTEM, ...env } }))));
  const node = process.env.EKSPRESS_TEST_WINDOWS_NODE ?? NOWHERE;
  const words = [driver, questions, answers].map(windowsPath);
  await promisify(execFile)('sh', ['-c', '"$0" "$@" >output 2>&1 </dev/null', 'wine', node, ...words], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      WINEPREFIX: process.env.EKSPRESS_TEST_WINE_PREFIX ?? folder,
      WINEDEBUG: '-all',
      // Names of files are UTF-8 there, as here.
      LC_ALL: 'C.UTF-8',
      NODE_SKIP_PLATFORM_CHECK: '1',
    },
  });
  return JSON.parse(readFileSync(answers, 'utf8'));
}
