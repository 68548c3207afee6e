import { MintMemory } from '../../aws/context/mint-memory.ts';
import { decideIdentity } from '../../aws/mint/decide-identity.ts';
import type { EKSAuthConfig } from '../../aws/stanza/eks-auth-config.ts';
import { hostFrom, withEnvironment } from '../../host.ts';
import type { Terminal } from '../command.ts';
import { describeContexts } from '../contexts/describe-context.ts';
import type { LoadedContext } from '../contexts/load-contexts.ts';

/** Finds, among contexts, the one whose tokens have the cluster and the identity of a command. */
export function equalContextFinder({ env, logger }: Terminal) {
  const memory = new MintMemory();
  const identityOf = async (config: EKSAuthConfig): Promise<string | undefined> => {
    const host = withEnvironment(hostFrom({ env, logger }), config.exec.env.toEnvironment());
    try {
      const { cluster, principal } = await decideIdentity({ config, host, memory });
      return JSON.stringify([cluster, principal]);
    } catch {
      // Only the command itself can decide this identity.
      return undefined;
    }
  };
  return async (config: EKSAuthConfig, candidates: readonly LoadedContext[]): Promise<LoadedContext | undefined> => {
    if (candidates.length === 0) return undefined;
    const identity = await identityOf(config);
    if (identity === undefined) return undefined;
    for (const [index, described] of (await describeContexts(candidates, env)).entries()) {
      if (described.config && (await identityOf(described.config)) === identity) return candidates[index];
    }
    return undefined;
  };
}
