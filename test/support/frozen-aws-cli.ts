import { execFile } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { CLIVersion } from '../../src/aws/stanza/get-token-arguments.ts';
import { everyProgram, OUTER_PATH } from './optional-programs.ts';

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
  const { PYENV_ROOT, PYENV_VERSION } = process.env;
  return {
    PATH: OUTER_PATH,
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    ...(PYENV_ROOT === undefined ? {} : { PYENV_ROOT }),
    ...(PYENV_VERSION === undefined ? {} : { PYENV_VERSION }),
  };
}

/** Every `aws` on PATH, one of each release. */
export async function findCLIs(): Promise<readonly RealCLI[]> {
  const found: RealCLI[] = [];
  for (const path of everyProgram('aws')) {
    const { stdout, stderr } = await run(path, ['--version'], baseEnvironment());
    const [, major = '', minor = '', patch = ''] = /aws-cli\/(\d+)\.(\d+)\.(\d+)/.exec(stdout + stderr) ?? [];
    const version = major === '1' ? 'v1' : 'v2';
    const release = `${major}.${minor}.${patch}`;
    if (major === '' || found.some((other) => other.release === release)) continue;
    const configurableEndpoints = Number(minor) >= (version === 'v1' ? 29 : 13);
    found.push({ path, version, release, configurableEndpoints });
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
  const frozen = { ...env, LD_PRELOAD: faketimeLibrary() ?? '', FAKETIME: time.replace('T', ' ').replace('Z', '') };
  removeDeadClocks();
  const { exitCode, stdout, stderr } = await run(cli.path, args, frozen);
  removeDeadClocks();
  return { exitCode, stderr, token: /k8s-aws-v1\.[\w-]+/.exec(stdout)?.[0] };
}

/** The library leaves a clock in shared memory for each process; under a number that comes again it would stop that one. */
function removeDeadClocks(): void {
  for (const name of existsSync('/dev/shm') ? readdirSync('/dev/shm') : []) {
    const [, pid] = /^(?:sem\.)?faketime_(?:sem|shm)_(\d+)$/.exec(name) ?? [];
    if (pid === undefined || existsSync(join('/proc', pid))) continue;
    rmSync(join('/dev/shm', name), { force: true });
  }
}

/**
 * The library that `faketime` preloads, loaded without that wrapper: the wrapper keeps semaphores in /dev/shm, and those
 * of a run that was killed stop later ones. Undefined where it is not installed.
 */
export function faketimeLibrary(): string | undefined {
  const multiarch = existsSync('/usr/lib') ? readdirSync('/usr/lib').filter((name) => name.includes('-linux-')) : [];
  return [...multiarch.map((name) => `/usr/lib/${name}`), '/usr/lib', '/usr/lib64', '/usr/local/lib']
    .map((folder) => join(folder, 'faketime', 'libfaketime.so.1'))
    .find((file) => existsSync(file));
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
