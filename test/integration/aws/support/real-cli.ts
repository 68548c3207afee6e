import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { CLIVersion } from '../../../../src/aws/eks-auth-config.ts';

/** A real AWS CLI on this machine. */
export interface RealCLI {
  readonly path: string;
  readonly version: CLIVersion;
  readonly release: string;
  /** Whether its endpoints can be set by the environment (v1 since 1.29, v2 since 2.13). */
  readonly configurableEndpoints: boolean;
}

export interface CLIRun {
  readonly exitCode: number;
  readonly token: string | undefined;
  readonly stderr: string;
}

/** What a CLI needs besides the situation: to be found, and an encoding. */
export function baseEnvironment(): Record<string, string> {
  const { PATH = '', PYENV_ROOT, PYENV_VERSION } = process.env;
  return {
    PATH,
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    ...(PYENV_ROOT === undefined ? {} : { PYENV_ROOT }),
    ...(PYENV_VERSION === undefined ? {} : { PYENV_VERSION }),
  };
}

/** Every `aws` on PATH, one for each generation. */
export async function findCLIs(): Promise<readonly RealCLI[]> {
  const found: RealCLI[] = [];
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, 'aws');
    if (!isExecutable(path)) continue;
    const { stdout, stderr } = await run(path, ['--version'], baseEnvironment());
    const [, major = '', minor = '', patch = ''] = /aws-cli\/(\d+)\.(\d+)\.(\d+)/.exec(stdout + stderr) ?? [];
    const version = major === '1' ? 'v1' : 'v2';
    if (major === '' || found.some((other) => other.version === version)) continue;
    const configurableEndpoints = Number(minor) >= (version === 'v1' ? 29 : 13);
    found.push({ path, version, release: `${major}.${minor}.${patch}`, configurableEndpoints });
  }
  return found;
}

/** Runs `aws` with the clock standing still at `time` (UTC); the token is found in every output format. */
export async function runFrozen(
  cli: Pick<RealCLI, 'path'>,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  time: string,
): Promise<CLIRun> {
  const frozen = ['-f', time.replace('T', ' ').replace('Z', ''), cli.path, ...args];
  const { exitCode, stdout, stderr } = await run('faketime', frozen, env);
  return { exitCode, stderr, token: /k8s-aws-v1\.[\w-]+/.exec(stdout)?.[0] };
}

export async function hasFaketime(): Promise<boolean> {
  const { exitCode } = await run('faketime', ['--version'], baseEnvironment());
  return exitCode === 0;
}

interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(file: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> {
  return new Promise((settle) => {
    const child = execFile(file, args, { env, timeout: 120_000, maxBuffer: 10_000_000 }, (error, stdout, stderr) => {
      const code = error ? (typeof error.code === 'number' ? error.code : 1) : 0;
      settle({ exitCode: code, stdout, stderr });
    });
    child.stdin?.end();
  });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
