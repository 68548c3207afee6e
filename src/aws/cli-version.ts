import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import type { Environment } from '../host.ts';
import type { CLIVersion } from './eks-auth-config.ts';
import type { MintMemory } from './mint-memory.ts';
import { Undecidable } from './undecidable.ts';

/** Starting a Python takes about a second, on a busy machine several. */
const ASKING_TIMEOUT_MS = 20_000;

export interface VersionQuestion {
  /** The command as the kubeconfig names it: a path, or a name to look for on PATH. */
  readonly command: string;
  readonly env: Environment;
  readonly memory: MintMemory;
  readonly reading: (path: string) => Promise<void>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Which generation of the AWS CLI is installed: the one that the command would have started; v2 where there is none.
 * @throws Undecidable where it is there but does not say
 */
export async function installedCLIVersion(question: VersionQuestion): Promise<CLIVersion> {
  const { command, env, memory, reading, signal } = question;
  const path = findProgram(command, env.PATH ?? '');
  if (path === undefined) return 'v2';
  await reading(path);
  const mtime = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const version = await memory.cliVersion(`${path}\n${mtime}`, () => askVersion(path, env, signal));
  if (version === undefined) throw new Undecidable(`${path} does not say which version it is`);
  return version;
}

function findProgram(command: string, searchPath: string): string | undefined {
  const candidates = command.includes('/')
    ? [command]
    : searchPath.split(delimiter).map((folder) => resolve(folder || '.', command));
  return candidates.find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function askVersion(path: string, env: Environment, signal: AbortSignal | undefined): Promise<CLIVersion | undefined> {
  return new Promise((settle) => {
    const options = { env: { ...env }, timeout: ASKING_TIMEOUT_MS, ...(signal && { signal }) };
    execFile(path, ['--version'], options, (_error, stdout, stderr) => {
      const major = /aws-cli\/([12])\./.exec(`${stdout}${stderr}`)?.[1];
      settle(major === undefined ? undefined : major === '1' ? 'v1' : 'v2');
    });
  });
}
