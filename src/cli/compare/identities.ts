import type { EKSAuthConfig } from '../../aws/stanza/eks-auth-config.ts';
import type { DescribedContext } from '../contexts/describe-context.ts';

/** An AWS identity, with one of its contexts for each: the clusters may differ. */
export interface ComparedIdentity {
  readonly config: EKSAuthConfig;
  readonly contexts: readonly string[];
}

/** The identities behind contexts. Commands that differ in the name of the cluster only have one identity. */
export function identitiesBehind(contexts: readonly DescribedContext[]): readonly ComparedIdentity[] {
  const identities = new Map<string, { config: EKSAuthConfig; contexts: string[] }>();
  for (const { config, name } of contexts) {
    if (!config) continue;
    const { clusterName, clusterId, exec } = config;
    const words = (exec.args ?? []).map((word) => word.replace(clusterName ?? clusterId ?? '\0', '\0'));
    const key = JSON.stringify([exec.command, words, exec.env.toEnvironment()]);
    const known = identities.get(key);
    if (known) known.contexts.push(name);
    else identities.set(key, { config, contexts: [name] });
  }
  return [...identities.values()];
}
