import type { EKSAuthConfig } from '../aws/eks-auth-config.ts';
import { readEKSUser, requireEKSUser } from '../aws/eks-user.ts';
import type { ExecPolicy } from '../aws/obtain-token.ts';
import { TokenManager } from '../aws/token-manager.ts';
import type { TokenManagerOptions } from '../aws/token-provider.ts';
import type { Host } from '../host.ts';
import type { SelectedContext } from '../kubeconfig/select-context.ts';
import type { ClientNode } from './client-node.ts';
import { Cluster } from './cluster.ts';
import { defaultClusterId } from './cluster-id.ts';
import type { TypedEvents } from './events.ts';
import type { RegistryEvents } from './registry-events.ts';
import { type DecidedPolicy, enforceTrust } from './trust.ts';

/** A context that may be registered: read, checked, nothing started. */
export interface ClusterPlan {
  readonly id: string;
  readonly selected: SelectedContext;
  /** Undefined for users of other kinds. */
  readonly config: EKSAuthConfig | undefined;
  readonly execPolicy: ExecPolicy;
}

/**
 * Checks a context and decides how it is authenticated.
 * @throws EKSAuthError
 */
export function planCluster(
  selected: SelectedContext,
  policy: DecidedPolicy,
  { eksOnly, id }: { readonly eksOnly: boolean; readonly id?: string | undefined },
): ClusterPlan {
  const config = eksOnly ? requireEKSUser(selected) : readEKSUser(selected);
  const trusted = enforceTrust(selected, config, policy);
  return { id: id ?? defaultClusterId(trusted, config), selected: trusted, config, execPolicy: policy.execPolicy };
}

/** Makes the cluster of a plan. Starts nothing. */
export function assembleCluster(
  { id, selected, config, execPolicy }: ClusterPlan,
  surroundings: {
    readonly clientNode: ClientNode;
    readonly tokenOptions: TokenManagerOptions & Host;
    readonly events: TypedEvents<RegistryEvents>;
  },
): Cluster {
  const { clientNode, tokenOptions, events } = surroundings;
  const tokens =
    config &&
    new TokenManager(config, {
      ...tokenOptions,
      execPolicy,
      onRefreshed: ({ expiresAt }, source, facts) => events.emit('refreshed', { ...facts, cluster, expiresAt, source }),
      onRefreshFailed: (error, facts) => events.emit('refreshFailed', { ...facts, cluster, error }),
    });
  const cluster: Cluster = new Cluster({
    id,
    clientNode,
    env: tokenOptions.env,
    // The stanza is in the config; its values are nobody else's business.
    selected: config ? { ...selected, user: { ...selected.user, exec: undefined } } : selected,
    onWatchFailed: (error, retryInMs) => events.emit('watchFailed', { cluster, error, retryInMs }),
    eks: config &&
      tokens && { config, tokens, onRefused: (healed: boolean) => events.emit('refused', { cluster, healed }) },
  });
  return cluster;
}
