import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import type { Environment } from '../host.ts';
import { programName } from '../plugin/portable-script.ts';
import type { WindowsSettings } from '../plugin/windows-settings.ts';
import { findProgram } from '../system/find-program.ts';
import { readBytesSync } from '../system/read-file.ts';
import { windowsCall } from '../system/windows-call.ts';
import { APPLY } from '../text/apply-words.ts';
import { mayHoldPolicy } from '../text/policy-key.ts';

/** What decides which program runs. */
export interface Around {
  readonly env: Environment;
  readonly settings: WindowsSettings;
  /** The folder of the installed plugin. */
  readonly folder: string;
}

/**
 * Runs the original command with the input, output and errors of this process: the first program of that name on PATH. A
 * relative folder of PATH and the current folder are not searched. A batch file gets no word that cmd.exe could misread.
 * @returns its exit status, or why it did not run
 */
export function runOriginal([command = '', ...args]: readonly string[], around: Around): number | string {
  const { env } = around;
  const program = findProgram(command, env, { platform: 'win32' });
  if (program === undefined) return `${command} was not found on PATH`;
  if (mayHavePolicy(around) && !isRecorded(program, around.settings)) {
    return `kuberc has a policy for credential plugins, and ${command} is not a program that \`${APPLY}\` has recorded`;
  }
  try {
    const call = windowsCall(program, args, env);
    const { windowsVerbatimArguments } = call;
    const { status, error } = spawnSync(call.command, [...call.args], {
      stdio: 'inherit',
      env,
      windowsVerbatimArguments,
    });
    return error === undefined
      ? (status ?? 1)
      : `${command} could not be started (${(error as NodeJS.ErrnoException).code})`;
  } catch (error) {
    return `${command} could not be started: ${(error as Error).message}`;
  }
}

/** `apply` records what it finds. A program that is found elsewhere is another one. */
function isRecorded(program: string, settings: WindowsSettings): boolean {
  const same = (path: string) => path.toLowerCase() === program.toLowerCase();
  return /^aws(?:-iam-authenticator)?$/i.test(programName(program)) && settings.programs.some(same);
}

/**
 * Whether kubectl may have a policy about credential plugins. `apply` refuses where one is in force; one that came later must
 * not be passed by. Variables may come from the kubeconfig, so `KUBERC=off` is not heeded.
 */
function mayHavePolicy({ env, folder }: Around): boolean {
  const homes = [env.HOME, env.HOMEDRIVE && `${env.HOMEDRIVE}${env.HOMEPATH ?? ''}`, env.USERPROFILE];
  const named = env.KUBERC && env.KUBERC !== 'off' ? [env.KUBERC] : [];
  const files = homes.flatMap((home) => (home ? [join(home, '.kube', 'kuberc')] : []));
  return [...named, ...files, join(dirname(folder), 'kuberc')].some(hasPolicy);
}

function hasPolicy(path: string): boolean {
  try {
    return mayHoldPolicy(readBytesSync(path).toString('utf8'));
  } catch (error) {
    return !['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
  }
}
