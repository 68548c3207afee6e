import { realpath, stat } from 'node:fs/promises';
import { sep } from 'node:path';
import { type Environment, homeDirectory, type Logger } from '../../host.ts';
import { allowingCommand, isAllowed, pluginPolicy } from '../../kubeconfig/read/kuberc.ts';
import { type EkspressHome, tilde } from '../../plugin/ekspress-home.ts';
import { APPLY, APPLY_PORTABLE } from '../../text/apply-words.ts';
import { shellOption } from '../../text/shell-word.ts';
import { dependsOnProgram } from '../contexts/depends-on-program.ts';
import { namesInShort } from '../contexts/shared-words.ts';
import type { ChosenUser } from './choose.ts';
import type { InstalledScript } from './install.ts';

interface ApplyFacts {
  readonly env: Environment;
  readonly logger: Logger;
  readonly home: EkspressHome;
  readonly portable: boolean;
  /** Whether this command has declared variables. */
  readonly declared: boolean;
}

/** Warnings about an apply that has succeeded. */
export async function applyWarnings(
  users: readonly ChosenUser[],
  script: InstalledScript,
  { env, logger, home, portable, declared }: ApplyFacts,
): Promise<string[]> {
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
      warnings.push(portable ? nothingGained(user) : otherPlugin(user));
    }
  }
  if (!portable && !declared) warnings.push(...(await undeclared(users, { env, logger })));
  if (/[\\/]_npx[\\/]/.test(process.argv[1] ?? '')) {
    warnings.push(
      "this ekspress lies in npm's cache and is removed with it; then the original command runs again. To keep it, install its package file: `npm install --global ./ekspress-*.tgz`",
    );
  }
  warnings.push(...(await policyWarnings(portable ? 'sh' : home.script, env)));
  return warnings;
}

function nothingGained(user: string): string {
  return `${user} runs no EKS command that ekspress knows: it is run as it is each time, nothing is gained.`;
}

function otherPlugin(user: string): string {
  return `what the plugin of ${user} prints is kept for the same words and AWS variables. Name other variables that it depends on with --key-env. After a login as another user: ekspress cache clear.`;
}

/** Users whose token may depend on unknown variables, and that have no declared ones. */
async function undeclared(
  users: readonly ChosenUser[],
  outside: { env: Environment; logger: Logger },
): Promise<string[]> {
  const found: string[] = [];
  const known = new Map<string, boolean>();
  for (const { user, contexts } of users) {
    const context = contexts.find(({ config }) => config !== undefined);
    if (!context?.config) continue;
    const { config } = context;
    const key = JSON.stringify([
      config.profile,
      config.exec.command,
      [...Object.entries(config.exec.env.toEnvironment())],
    ]);
    const depends = known.get(key) ?? (await dependsOnProgram(config, outside));
    known.set(key, depends);
    if (depends) found.push(user);
  }
  if (found.length === 0) return [];
  return [
    `the tokens of ${namesInShort(found)} come from a program (credential_process, a wrapper). If it depends on variables of its own, name them, or all their values share one token: ${APPLY} NAME --key-env VARIABLE`,
  ];
}

/** Warns if other users may use the file: they cannot run a command in the home of this user. */
async function sharedFile(file: string, env: Environment): Promise<string[]> {
  // The portable form is a line of sh, and Windows has no modes.
  if (process.platform === 'win32') return [];
  const found = await stat(file).catch(() => undefined);
  const path = await realpath(file).catch(() => file);
  const own = await realpath(homeDirectory(env)).catch(() => homeDirectory(env));
  const hint = `\`${APPLY_PORTABLE} ${shellOption('--kubeconfig', file)}\` writes a form that also works where ekspress is not installed`;
  if (!path.startsWith(`${own}${sep}`))
    return [`${file} lies outside of your home folder. If others use it, or other machines: ${hint}.`];
  if (found && (found.mode & 0o044) !== 0)
    return [`${tilde(file, env)} can be read by other users. If they use it: ${hint}.`];
  return [];
}

async function policyWarnings(command: string, env: Environment): Promise<string[]> {
  const policy = await pluginPolicy(env);
  if (!policy || isAllowed(policy, command, env)) return [];
  if (policy.policy === 'unclear') {
    return [
      `${tilde(policy.file, env)} may hold a policy about credential plugins that ekspress cannot judge. What to do: ekspress doctor`,
    ];
  }
  if (policy.policy === 'DenyAll')
    return [`${tilde(policy.file, env)} lets kubectl run no credential plugin at all (DenyAll).`];
  const line = `- ${policy.key}: ${command}`;
  const allowing = allowingCommand(policy, command);
  const written = allowing === undefined ? '' : `\nWith kubectl 1.36: ${allowing}`;
  return [`kubectl's allowlist in ${tilde(policy.file, env)} needs one more line:\n    ${line}${written}`];
}
