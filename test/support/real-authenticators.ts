import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter } from 'node:path';
import { everyProgram, OUTER_PATH } from './optional-programs.ts';

/** A real aws-iam-authenticator on this machine. */
export interface RealAuthenticator {
  readonly path: string;
  /** `0.6.29` */
  readonly release: string;
}

export interface AuthenticatorRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The programs in EKSPRESS_AUTHENTICATORS, a list like PATH, and that of PATH: one for each release. */
export async function findAuthenticators(): Promise<readonly RealAuthenticator[]> {
  const named = (process.env.EKSPRESS_AUTHENTICATORS ?? '').split(delimiter).filter(Boolean);
  const found: RealAuthenticator[] = [];
  for (const path of [...named, ...everyProgram('aws-iam-authenticator')]) {
    const release = await releaseOf(path);
    if (release !== undefined && !found.some((other) => other.release === release)) found.push({ path, release });
  }
  return found;
}

/** What the program says of itself. One that `go install` has built says nothing, and its module stands in the file. */
async function releaseOf(path: string): Promise<string | undefined> {
  const { stdout } = await runAuthenticator(path, ['version'], {});
  const [, told] = /"Version":"v?(\d+\.\d+\.\d+)"/.exec(stdout) ?? [];
  if (told !== undefined) return told;
  const text = readFileSync(path, 'latin1');
  return /\tsigs\.k8s\.io\/aws-iam-authenticator\tv(\d+\.\d+\.\d+)/.exec(text)?.[1];
}

export function runAuthenticator(
  path: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<AuthenticatorRun> {
  return new Promise((settle) => {
    const options = { env: { PATH: OUTER_PATH, ...env }, timeout: 60_000 };
    const child = execFile(path, args, options, (error, stdout, stderr) => {
      const exitCode = error ? (typeof error.code === 'number' ? error.code : 1) : 0;
      settle({ exitCode, stdout, stderr });
    });
    child.stdin?.end();
  });
}
