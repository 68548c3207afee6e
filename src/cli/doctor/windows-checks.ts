import { dirname } from 'node:path';
import { type Environment, overlaid } from '../../host.ts';
import { type EkspressHome, tilde } from '../../plugin/ekspress-home.ts';
import { packageFolder } from '../../plugin/plugin-script.ts';
import { readWindowsSettings, windowsState } from '../../plugin/windows-files.ts';
import { searchPath } from '../../plugin/windows-settings.ts';
import { otherWritersAt } from '../../plugin/windows-writers.ts';
import { findProgram } from '../../system/find-program.ts';
import { APPLY_ALL, RENEW } from '../../text/apply-words.ts';
import { shellCommand } from '../../text/shell-command.ts';
import { type Finding, failure, ok, skipped, warning } from './finding.ts';

type Result = Omit<Finding, 'check'>;

interface Place {
  readonly home: EkspressHome;
  readonly env: Environment;
}

/** The copy of Node that is the plugin on Windows: whether it is there, and which Node and which ekspress it is of. */
export async function checkWindowsPlugin({ home, env, applied }: Place & { applied: boolean }): Promise<Result[]> {
  const plugin = tilde(home.script, env);
  const { state, reason } = await windowsState(home.script);
  if (state === 'missing') {
    return applied
      ? [failure(`${plugin} is missing, and contexts name it`, `Run \`${APPLY_ALL}\`.`)]
      : [skipped(`${plugin} is not installed: no context is applied`)];
  }
  const findings = [
    state === 'outdated'
      ? warning(`${plugin} is outdated: ${reason}`, `Run \`${RENEW}\`.`)
      : ok(`${plugin} is current`),
  ];
  if (!applied) findings.push(warning('no context uses it', 'Run `ekspress revert --all`, which removes it.'));
  if ((await readWindowsSettings(home.script)).packageFolder !== packageFolder()) {
    findings.push(warning('it belongs to another installation of ekspress', `Run \`${RENEW}\` to take it over.`));
  }
  const folder = dirname(home.script);
  const writers = await otherWritersAt(folder, env);
  if (writers === undefined) findings.push(skipped(`it could not be read who may write to ${tilde(folder, env)}`));
  else if (writers.length > 0) {
    const words = `other users may write to ${tilde(folder, env)} (${writers.join(', ')})`;
    findings.push(failure(words, `Take their right to write: see \`${shellCommand('seeRightsOfFolder', folder)}\`.`));
  }
  return findings;
}

/** Whether the original commands are found, on PATH or where `apply` has found them. */
export async function checkWindowsPath(commands: readonly string[], { home, env }: Place): Promise<Result[]> {
  const PATH = searchPath(await readWindowsSettings(home.script), overlaid(env, {}).PATH);
  const missing = [...new Set(commands)].filter((command) => findProgram(command, { ...env, PATH }) === undefined);
  if (missing.length > 0) {
    return missing.map((command) =>
      warning(`${command} is not on PATH`, 'Install it: it runs where ekspress cannot make a token.'),
    );
  }
  return [commands.length > 0 ? ok('original commands are found') : skipped('no EKS command to look for')];
}

/** A policy that `apply` refuses has come since. */
export function underPolicy(file: string): Result {
  return failure(
    `${file} has a policy for credential plugins, which a copy of Node cannot satisfy`,
    'Run `ekspress revert --all`: the original command can be allowed.',
  );
}
