import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Environment, homeDirectory } from '../../host.ts';
import { isMapping } from '../../system/mapping.ts';
import { parseYAML } from './yaml.ts';

/** kubectl's own policy about credential plugins, if the user has one (kubectl 1.35 and later). */
export interface PluginPolicy {
  readonly file: string;
  readonly policy: 'Allowlist' | 'DenyAll';
  readonly allowed: readonly string[];
  /** The key of its entries. */
  readonly key: string;
}

/** The policy in `~/.kube/kuberc` or `KUBERC`. Undefined if all plugins are allowed. Never throws. */
export async function pluginPolicy(env: Environment): Promise<PluginPolicy | undefined> {
  if (env.KUBERC === 'off') return undefined;
  const file = env.KUBERC || join(homeDirectory(env), '.kube', 'kuberc');
  try {
    const value = parseYAML(await readFile(file, 'utf8'), file);
    if (!isMapping(value)) return undefined;
    const { credentialPluginPolicy: policy, credentialPluginAllowlist: list } = value;
    if (policy !== 'Allowlist' && policy !== 'DenyAll') return undefined;
    const entries = (Array.isArray(list) ? list : []).filter(isMapping);
    const key = entries.some((entry) => typeof entry.name === 'string') ? 'name' : 'command';
    return { file, policy, allowed: entries.map((entry) => String(entry[key] ?? '')), key };
  } catch {
    return undefined;
  }
}

/** Whether kubectl would run the command. Entries with a path are compared as a whole, others name a program. */
export function isAllowed({ policy, allowed }: PluginPolicy, command: string): boolean {
  if (policy === 'DenyAll') return false;
  return allowed.some((entry) => entry === command || (!entry.includes('/') && entry === basename(command)));
}
