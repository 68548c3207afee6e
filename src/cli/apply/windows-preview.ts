import { existsSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ExecStanza } from '../../aws/stanza/eks-auth-config.ts';
import { EKSAuthError } from '../../errors.ts';
import { type Environment, homeDirectory } from '../../host.ts';
import { pluginPolicy } from '../../kubeconfig/read/kuberc.ts';
import { type EkspressHome, tilde } from '../../plugin/ekspress-home.ts';
import { otherWritersAt } from '../../plugin/windows-writers.ts';
import { windowsCall } from '../../system/windows-call.ts';
import { shellCommand } from '../../text/shell-command.ts';
import { UsageError } from '../command.ts';

/** The option of the commands that install the plugin. */
export const previewOption = {
  help: 'on Windows: install the plugin for Windows, a copy of Node with one file in ~/.kube/ekspress; other systems need no such word',
} as const;

const ON_WINDOWS = process.platform === 'win32';

/**
 * Refuses Windows without `--preview`: the plugin there has been tried with Node for Windows, but on no real Windows yet.
 * @throws EKSAuthError INVALID_CONFIG; UsageError
 */
export function requirePreview({
  preview,
  portable = false,
  command,
}: {
  readonly preview: boolean;
  readonly portable?: boolean;
  /** What a person types with the option. */
  readonly command: string;
}): void {
  if (!ON_WINDOWS) return;
  if (preview && !portable) return;
  if (preview) throw new UsageError('--portable writes a form for sh, which Windows does not have.');
  throw new EKSAuthError(
    'INVALID_CONFIG',
    'ekspress-exec is a POSIX script, which kubectl on Windows cannot start. Its form for Windows is a preview.',
    {
      remedy: `Run \`${command}\`, which installs a copy of Node in your home folder and can be undone; or run ekspress inside WSL (docs/guides/kubectl.md).`,
    },
  );
}

/**
 * Refuses a home in which the plugin of Windows would not be safe. On other systems it does nothing.
 * @returns what could not be found out
 * @throws EKSAuthError INVALID_CONFIG. Nothing has been changed then.
 */
export async function refuseUnsafeWindows(home: EkspressHome, env: Environment): Promise<readonly string[]> {
  if (!ON_WINDOWS) return [];
  const policy = await pluginPolicy(env);
  if (policy) {
    const has = policy.policy === 'unclear' ? 'may have a policy (ekspress cannot judge the file)' : 'has a policy';
    throw refusal(
      `${tilde(policy.file, env)} ${has} for credential plugins. The plugin on Windows is a copy of Node, and a rule that allows it would allow any program.`,
      'Leave the original command in the kubeconfig, or run ekspress inside WSL.',
    );
  }
  const folder = homeDirectory(env);
  if (isOnNetwork(folder) || isOnNetwork(realPath(folder))) {
    throw refusal(
      `The home folder ${folder} lies on another machine, and so would the program that kubectl starts.`,
      'Set USERPROFILE to a folder of this machine, or leave the original command in the kubeconfig.',
    );
  }
  const unknown: string[] = [];
  for (const path of [folder, dirname(home.folder), home.folder].filter(existsSync)) {
    const writers = await otherWritersAt(path, env);
    if (writers === undefined) unknown.push(`it could not be read who may write to ${path} (icacls).`);
    else if (writers.length > 0) {
      throw refusal(
        `Other users may write to ${path} (${writers.join(', ')}), so they could replace the program that kubectl starts.`,
        `See \`${shellCommand('seeRightsOfFolder', path)}\` and take their right to write, or leave the original command in the kubeconfig.`,
      );
    }
  }
  return unknown.slice(0, 1);
}

/** Whether a path leads to another machine: `\\\\server\\share`. */
export function isOnNetwork(path: string): boolean {
  return /^(?:[\\/]{2}(?![?.][\\/])|\\\\[?]\\UNC\\)/i.test(path);
}

/**
 * Why the original command of a user cannot run on Windows: it is a batch file, and cmd.exe could misread a word. Undefined
 * where it can, and on other systems.
 */
export function misreadWords(
  user: string,
  original: Pick<ExecStanza, 'command' | 'args'> | undefined,
  env: Environment,
): EKSAuthError | undefined {
  if (!ON_WINDOWS || original === undefined) return undefined;
  try {
    windowsCall(original.command, original.args ?? [], env);
    return undefined;
  } catch (error) {
    // One that is not there is a warning, as on every system.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    return refusal(
      `${original.command} of ${user} could not run in place of ekspress: ${(error as Error).message}.`,
      'Install the AWS CLI with its own installer, which brings aws.exe.',
    );
  }
}

function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}

function refusal(message: string, remedy: string): EKSAuthError {
  return new EKSAuthError('INVALID_CONFIG', `${message} Nothing was changed.`, { remedy });
}
