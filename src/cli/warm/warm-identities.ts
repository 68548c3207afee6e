import type { EKSAuthConfig } from '../../aws/stanza/eks-auth-config.ts';
import { sharedEntryOf } from '../../aws/token/shared-entry.ts';
import { type Environment, overlaid } from '../../host.ts';
import type { DescribedContext } from '../contexts/describe-context.ts';

/** Contexts that need the same token. */
export interface WarmIdentity {
  readonly config: EKSAuthConfig;
  readonly contexts: readonly string[];
}

/** The contexts grouped by their entry in the shared cache. Each entry is made once. */
export function identitiesOf(contexts: readonly DescribedContext[], env: Environment): readonly WarmIdentity[] {
  const identities = new Map<string, { config: EKSAuthConfig; contexts: string[] }>();
  for (const { config, name } of contexts) {
    if (!config) continue;
    const { key } = sharedEntryOf(config, overlaid(env, config.exec.env.toEnvironment()));
    // An encrypted entry and a plain one of the same identity are two.
    const entry = JSON.stringify([key.identity, config.encrypt ?? null]);
    const known = identities.get(entry);
    if (known) known.contexts.push(name);
    else identities.set(entry, { config, contexts: [name] });
  }
  return [...identities.values()];
}
