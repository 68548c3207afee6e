import type { Environment } from '../../host.ts';
import type { Recorder } from '../../recording/recorder.ts';
import { runProgram } from '../../system/run-program.ts';
import type { CLIVersion } from '../stanza/get-token-arguments.ts';
import { Undecidable } from '../undecidable.ts';
import type { InstalledCLI } from './installed-cli.ts';
import type { KnownPrograms } from './known-programs.ts';
import type { ReleaseNotes } from './release-notes.ts';
import { askOnce } from './told-releases.ts';

/** Starting a Python takes about a second, on a busy machine several. */
const ASKING_TIMEOUT_MS = 20_000;

export interface VersionQuestion {
  /** The command as the kubeconfig names it: a path, or a name to look for on PATH. */
  readonly command: string;
  readonly recorder: Recorder;
  readonly programs: KnownPrograms;
  readonly notes: ReleaseNotes | undefined;
  /** Whether the releases differ in their caches only. Then v2 is assumed where the answer is not at hand. */
  readonly onlyCaches: boolean;
  readonly signal?: AbortSignal | undefined;
}

const RELEASE = /^[12]\.\d+(?:\.\d+)?$/;

/** The first minor releases that know AWS_ENDPOINT_URL: 1.29 and 2.13, of July 2023. */
const CONFIGURABLE_SINCE: Readonly<Record<CLIVersion, number>> = { v1: 29, v2: 13 };
/** The minor releases whose answers are recorded: 1.45 and 2.36. */
const RECORDED: Readonly<Record<CLIVersion, number>> = { v1: 45, v2: 36 };
/** 1.40 and 2.27, of April 2025. */
const MODERN_SINCE: Readonly<Record<CLIVersion, number>> = { v1: 40, v2: 27 };
/** 1.46.2, of October 2026. No release of v2 is known to include the token. */
const CACHE_BY_TOKEN_SINCE: { readonly minor: number; readonly patch: number } = { minor: 46, patch: 2 };

/** What is known of the newest release of a generation. */
export function newest(version: CLIVersion): InstalledCLI {
  return knownOf(version, Number.POSITIVE_INFINITY);
}

function knownOf(version: CLIVersion, minor: number, patch = 0): InstalledCLI {
  const since = CACHE_BY_TOKEN_SINCE;
  return {
    version,
    endpointsConfigurable: minor >= CONFIGURABLE_SINCE[version],
    recorded: minor >= RECORDED[version],
    modern: minor >= MODERN_SINCE[version],
    cacheByToken: version === 'v1' && (minor > since.minor || (minor === since.minor && patch >= since.patch)),
  };
}

/** What the oldest release of v2 knows. */
export const OLDEST: InstalledCLI = knownOf('v2', 0);

/**
 * The installed generation of the AWS CLI: that of the program that the command would have started. v2 if no program is
 * installed.
 * @throws Undecidable where a program is installed and does not say
 */
export async function installedCLI({
  command,
  recorder,
  programs,
  notes,
  onlyCaches,
  signal,
}: VersionQuestion): Promise<InstalledCLI> {
  const path = recorder.lookUp(command);
  if (path === undefined) return newest('v2');
  const env = recorder.programEnvironment();
  const shim = programs.kindOf(path, recorder) === 'shim';
  if (shim && onlyCaches) return newest('v2');
  if (shim) recorder.keepInMemory(`${path} starts the release that the working directory chooses`);
  const stamp = recorder.program(path) ?? '';
  const ask = () => askRelease(path, env, signal);
  const release = shim ? await ask() : await askOnce({ path, stamp, notes, pattern: RELEASE, ask });
  if (release === undefined && onlyCaches) return newest('v2');
  if (release === undefined) throw new Undecidable(`${path} does not say which version it is`);
  const [major, minor, patch = 0] = release.split('.');
  return knownOf(major === '1' ? 'v1' : 'v2', Number(minor), Number(patch));
}

async function askRelease(
  path: string,
  env: Environment,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const outcome = await runProgram({ command: path, args: ['--version'], env, timeoutMs: ASKING_TIMEOUT_MS, signal });
  if (!('stdout' in outcome)) return undefined;
  // Version 1 under Python 2 answers on stderr.
  return /aws-cli\/([12]\.\d+(?:\.\d+)?)/.exec(`${outcome.stdout}${outcome.stderr}`)?.[1];
}
