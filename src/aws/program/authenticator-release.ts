import type { Environment } from '../../host.ts';
import { runProgram } from '../../system/run-program.ts';
import { Undecidable } from '../undecidable.ts';
import type { VersionQuestion } from './cli-version.ts';
import { askOnce } from './told-releases.ts';

/** The major version of the AWS SDK for Go in a release of aws-iam-authenticator: the defaults of the two differ. */
export type AuthenticatorSDK = 1 | 2;

const ASKING_TIMEOUT_MS = 10_000;
const RELEASE = /^0\.\d+\.\d+$/;
/** v0.7.3 is the first release that signs with version 2 of the SDK. */
const SDK_2_SINCE: { readonly minor: number; readonly patch: number } = { minor: 7, patch: 3 };
/** The oldest minor release whose answers are recorded. */
const OLDEST_MINOR = 5;

/**
 * The SDK of the installed aws-iam-authenticator, or that of the newest release if none is installed.
 * @throws Undecidable where it is installed but does not tell its release
 */
export async function installedAuthenticator(question: Omit<VersionQuestion, 'onlyCaches'>): Promise<AuthenticatorSDK> {
  const { command, recorder, programs, notes, signal } = question;
  const path = recorder.lookUp(command);
  if (path === undefined) return 2;
  if (programs.kindOf(path, recorder) !== 'tool') throw new Undecidable(`${path} starts one of several releases`);
  const ask = () => askRelease(path, recorder.programEnvironment(), signal);
  const release = await askOnce({ path, stamp: recorder.program(path) ?? '', notes, pattern: RELEASE, ask });
  const [, minor, patch] = release?.split('.').map(Number) ?? [];
  if (minor === undefined || patch === undefined || minor < OLDEST_MINOR)
    throw new Undecidable(`${path} does not say which release it is`);
  const { minor: since, patch: sincePatch } = SDK_2_SINCE;
  return minor > since || (minor === since && patch >= sincePatch) ? 2 : 1;
}

async function askRelease(
  path: string,
  env: Environment,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const outcome = await runProgram({ command: path, args: ['version'], env, timeoutMs: ASKING_TIMEOUT_MS, signal });
  return 'stdout' in outcome ? /"Version":"v?(0\.\d+\.\d+)"/.exec(`${outcome.stdout}`)?.[1] : undefined;
}
