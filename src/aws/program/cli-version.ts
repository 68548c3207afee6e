import type { Environment } from '../../host.ts';
import { runProgram } from '../../system/run-program.ts';
import type { CLIVersion } from '../stanza/get-token-arguments.ts';
import { Undecidable } from '../undecidable.ts';
import type { InstalledCLI } from './installed-cli.ts';
import type { KnownPrograms } from './known-programs.ts';

/** Starting a Python takes about a second, on a busy machine several. */
const ASKING_TIMEOUT_MS = 20_000;

export interface VersionQuestion {
  /** The command as the kubeconfig names it: a path, or a name to look for on PATH. */
  readonly command: string;
  readonly env: Environment;
  readonly programs: KnownPrograms;
  readonly reading: (path: string) => Promise<void>;
  readonly signal?: AbortSignal | undefined;
}

/** The first minor releases that know AWS_ENDPOINT_URL: 1.29 and 2.13, of July 2023. */
const CONFIGURABLE_SINCE: Readonly<Record<CLIVersion, number>> = { v1: 29, v2: 13 };
/** The minor releases whose answers are recorded: 1.45 and 2.36. */
const RECORDED: Readonly<Record<CLIVersion, number>> = { v1: 45, v2: 36 };

/** What is known of the newest release of a generation. */
export function newest(version: CLIVersion): InstalledCLI {
  return knownOf(version, Number.POSITIVE_INFINITY);
}

function knownOf(version: CLIVersion, minor: number): InstalledCLI {
  return { version, endpointsConfigurable: minor >= CONFIGURABLE_SINCE[version], recorded: minor >= RECORDED[version] };
}

/**
 * Which generation of the AWS CLI is installed: the one that the command would have started; v2 where there is none.
 * @throws Undecidable where it is there but does not say
 */
export async function installedCLI(question: VersionQuestion): Promise<InstalledCLI> {
  const { command, env, programs, reading, signal } = question;
  const program = programs.find(command, env);
  if (program === undefined) return newest('v2');
  const { path, mtimeMs } = program;
  await reading(path);
  const installed = await programs.installedCLI(`${path}\n${mtimeMs}`, () => askVersion(path, env, signal));
  if (installed === undefined) throw new Undecidable(`${path} does not say which version it is`);
  return installed;
}

async function askVersion(
  path: string,
  env: Environment,
  signal: AbortSignal | undefined,
): Promise<InstalledCLI | undefined> {
  const outcome = await runProgram({ command: path, args: ['--version'], env, timeoutMs: ASKING_TIMEOUT_MS, signal });
  if (!('stdout' in outcome)) return undefined;
  // Version 1 under Python 2 answers on stderr.
  const [, major, minor] = /aws-cli\/([12])\.(\d+)/.exec(`${outcome.stdout}${outcome.stderr}`) ?? [];
  return major === undefined ? undefined : knownOf(major === '1' ? 'v1' : 'v2', Number(minor));
}
