import { join, posix } from 'node:path';
import type { Environment } from '../../host.ts';
import { findProgram } from '../../system/find-program.ts';
import { isMapping } from '../../system/mapping.ts';
import { readText } from '../../system/read-file.ts';
import { mayHoldPolicy } from '../../text/policy-key.ts';
import { shellWord } from '../../text/shell-word.ts';
import { kubectlHome } from './kubeconfig-paths.ts';
import { parseYAML } from './yaml.ts';

/** kubectl's own policy about credential plugins, if the user has one (kubectl 1.35 and later). */
export interface PluginPolicy {
  readonly file: string;
  /** `unclear`: kubectl may find a policy in the file, or refuse to run, and ekspress cannot tell. Nothing counts as allowed then. */
  readonly policy: 'Allowlist' | 'DenyAll' | 'unclear';
  readonly allowed: readonly string[];
  /** The key of its entries. */
  readonly key: string;
}

/**
 * The policy in `~/.kube/kuberc` or `KUBERC`. Undefined if all plugins are allowed, or if KUBERC=off or KUBECTL_KUBERC=false
 * switch the file off. Never throws.
 */
export async function pluginPolicy(env: Environment): Promise<PluginPolicy | undefined> {
  if (env.KUBERC === 'off' || env.KUBECTL_KUBERC === 'false') return undefined;
  const file = env.KUBERC || join(kubectlHome(env), '.kube', 'kuberc');
  const unclear = { file, policy: 'unclear', allowed: [], key: 'command' } as const;
  try {
    const text = await readText(file);
    const value = mappingIn(text, file);
    // kubectl is milder than our parser: it takes the first fit one of several documents, and keys that stand twice.
    if (value === undefined) return mayHoldPolicy(text) ? unclear : undefined;
    const { credentialPluginPolicy: policy, credentialPluginAllowlist: list } = value;
    if (policy !== 'Allowlist' && policy !== 'DenyAll') {
      const isOpen = [undefined, null, '', 'AllowAll'].some((open) => open === policy);
      return isOpen && (list ?? undefined) === undefined ? undefined : unclear;
    }
    const entries = (Array.isArray(list) ? list : []).filter(isMapping);
    const key = entries.some((entry) => typeof entry.name === 'string') ? 'name' : 'command';
    return { file, policy, allowed: entries.map((entry) => String(entry[key] ?? '')), key };
  } catch (error) {
    return ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '') ? undefined : unclear;
  }
}

/** The one mapping of a text. Undefined for a text that kubectl might read as another one. */
function mappingIn(text: string, file: string): Record<string, unknown> | undefined {
  try {
    const value = parseYAML(text, file);
    return isMapping(value) && Object.keys(value).every((key) => /^[A-Za-z]+$/.test(key)) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether kubectl would run the command: as in client-go both are looked up in PATH and compared as cleaned whole paths. */
export function isAllowed({ policy, allowed }: PluginPolicy, command: string, env: Environment): boolean {
  if (policy !== 'Allowlist') return false;
  const wanted = wholePath(command, env);
  return wanted !== undefined && allowed.some((entry) => wholePath(entry, env) === wanted);
}

function wholePath(command: string, env: Environment): string | undefined {
  if (command === '') return undefined;
  return command.includes('/') ? posix.normalize(command) : findProgram(command, env);
}

/**
 * The command of kubectl 1.36 that allows one more program. It replaces the list, so it names every entry.
 * @returns undefined where the file is in the form of an older kubectl, or where an entry has a comma, which separates entries
 */
export function allowingCommand({ allowed, key }: PluginPolicy, command: string): string | undefined {
  const all = [...allowed, command];
  if (key !== 'command' || all.some((entry) => entry === '' || entry.includes(','))) return undefined;
  const entries = all.map((entry) => `--allowlist-entry command=${shellWord(entry)}`);
  return `kubectl kuberc set --section credentialplugin --policy Allowlist ${entries.join(' ')}`;
}
