import { realpath, stat } from 'node:fs/promises';
import { type Environment, homeDirectory } from '../../host.ts';
import { type EkspressHome, tilde } from '../../kubeconfig/ekspress-home.ts';
import { isAllowed, pluginPolicy } from '../../kubeconfig/kuberc.ts';
import type { ChosenUser } from './choose.ts';
import type { InstalledScript } from './install.ts';

/** What a person should know about an apply that has succeeded. */
export async function applyWarnings(
  users: readonly ChosenUser[],
  script: InstalledScript,
  { env, home, portable }: { env: Environment; home: EkspressHome; portable: boolean },
): Promise<readonly string[]> {
  const warnings: string[] = [];
  for (const file of portable ? [] : new Set(users.map((user) => user.file))) {
    warnings.push(...(await sharedFile(file, env)));
  }
  for (const command of script.notFound) {
    warnings.push(`${command} is not on PATH now: where ekspress cannot make a token itself, there will be none.`);
  }
  for (const { contexts, user } of users) {
    if (contexts.some(({ wrapping }) => wrapping?.lossy)) {
      warnings.push(`${user} ran through another tool that keeps no role: check its args.`);
    }
    if (contexts.every(({ config, original }) => config === undefined && original !== undefined)) {
      warnings.push(
        `${user} runs no EKS command that ekspress knows: it is run as it is each time, nothing is gained.`,
      );
    }
  }
  if (/[\\/]_npx[\\/]/.test(process.argv[1] ?? '')) {
    warnings.push(
      'npx removes this package some day; then the original command runs again. To stay: npm install -g ekspress',
    );
  }
  warnings.push(...(await policyWarnings(portable ? 'sh' : home.script, env)));
  return warnings;
}

/** A command below one's own home is nothing for others. */
async function sharedFile(file: string, env: Environment): Promise<string[]> {
  const found = await stat(file).catch(() => undefined);
  const path = await realpath(file).catch(() => file);
  const own = await realpath(homeDirectory(env)).catch(() => homeDirectory(env));
  const hint = 'with --portable it also works for those who have no ekspress';
  if (!path.startsWith(`${own}/`)) return [`${file} lies outside of your home folder; if others use it: ${hint}.`];
  if (found && (found.mode & 0o044) !== 0)
    return [`${tilde(file, env)} can be read by other users; if they use it: ${hint}.`];
  return [];
}

async function policyWarnings(command: string, env: Environment): Promise<string[]> {
  const policy = await pluginPolicy(env);
  if (!policy || isAllowed(policy, command)) return [];
  if (policy.policy === 'DenyAll')
    return [`${tilde(policy.file, env)} lets kubectl run no credential plugin at all (DenyAll).`];
  return [`kubectl's allowlist in ${tilde(policy.file, env)} needs one more line:\n    - ${policy.key}: ${command}`];
}
