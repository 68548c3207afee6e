import { type EKSAuthConfig, isSameConfig } from '../../aws/stanza/eks-auth-config.ts';
import type { GivenProvider } from '../../aws/token/auth-provider.ts';
import type { GivenCredentials } from '../../aws/token/given-credentials.ts';
import type { TokenManagerOptions } from '../../aws/token/token-provider.ts';
import type { ExecPolicy } from '../../aws/token/token-request.ts';
import type { Host } from '../../host.ts';
import { hasFixedCredentials, type SelectedContext } from '../../kubeconfig/read/select-context.ts';
import type { ClientNode } from '../clients/client-node.ts';
import { Cluster } from '../clients/cluster.ts';
import { EKSIdentity } from '../requests/eks-identity.ts';
import { PluginIdentity } from '../requests/plugin-identity.ts';
import type { RequestIdentity } from '../requests/request-identity.ts';
import { type ConnectionLimits, DEFAULT_LIMITS, type Limits, withLimits } from '../transport/limits.ts';
import type { RequestSettings } from '../transport/settings.ts';
import type { TypedEvents } from './events.ts';
import type { ClusterRegistryOptions } from './register-options.ts';
import type { RegistryEvents } from './registry-events.ts';

/** A context that has been read and checked and may be registered. Nothing has been started. */
export interface ClusterPlan {
  readonly id: string;
  readonly selected: SelectedContext;
  /** Undefined where the user is not an EKS user. */
  readonly config: EKSAuthConfig | undefined;
  readonly execPolicy: ExecPolicy;
  /** Checks another context with the same user as this one was checked. @throws EKSAuthError */
  readonly check: (selected: SelectedContext) => Promise<SelectedContext>;
}

/** What the clusters of one registry share. */
export interface SharedParts {
  readonly clientNode: ClientNode;
  readonly tokenOptions: TokenManagerOptions & Host;
  readonly limits: Limits;
  readonly settings: RequestSettings;
  readonly events: TypedEvents<RegistryEvents>;
}

/** Makes the cluster of a plan. Starts nothing. */
export function assembleCluster(plan: ClusterPlan, shared: SharedParts): Cluster {
  const { clientNode, tokenOptions, limits, settings, events } = shared;
  const cluster: Cluster = new Cluster({
    id: plan.id,
    clientNode,
    env: tokenOptions.env,
    limits,
    settings,
    selected: withoutStanza(plan),
    onWatchFailed: (error, retryInMs) => events.emit('watchFailed', { cluster, error, retryInMs }),
    onRefused: ({ healed }) => {
      if (healed) tokenOptions.logger.info('a refused token was replaced', { cluster: cluster.id });
      else tokenOptions.logger.warn('the API server refuses the identity', { cluster: cluster.id });
      events.emit('refused', { cluster, healed });
    },
    identity: identityOf(plan, shared, () => cluster),
  });
  return cluster;
}

/** The options of the tokens and connections of a cluster. */
export function connectionOptions(
  defaults: ClusterRegistryOptions,
  own: GivenCredentials & GivenProvider & RequestSettings & { readonly limits?: ConnectionLimits | undefined },
  host: TokenManagerOptions & Host,
): Pick<SharedParts, 'tokenOptions' | 'limits' | 'settings'> {
  const limits = withLimits(DEFAULT_LIMITS, defaults.limits, own.limits);
  const { userAgent = defaults.userAgent, tls = defaults.tls } = own;
  return { tokenOptions: tokenOptionsFor(defaults, own, host), limits, settings: { userAgent, tls } };
}

/** The token options of a cluster: those of the registry, overridden by those of its registration. */
function tokenOptionsFor(
  { cache, fleet }: ClusterRegistryOptions,
  { credentials, identityKey, authProvider }: GivenCredentials & GivenProvider,
  shared: TokenManagerOptions & Host,
): TokenManagerOptions & Host {
  return {
    ...shared,
    ...(cache !== undefined && { cache }),
    ...(fleet !== undefined && { fleet }),
    ...(credentials && { credentials }),
    ...(identityKey !== undefined && { identityKey }),
    ...(authProvider && { authProvider }),
  };
}

/** Applies a new plan to a cluster. Where the identity is the same, the cluster keeps its credentials. */
export function changeCluster(cluster: Cluster, plan: ClusterPlan, shared: SharedParts): void {
  const { identity } = cluster.core;
  const kept = isSameIdentity(identity, plan) ? identity : identityOf(plan, shared, () => cluster);
  cluster.core.change(withoutStanza(plan), kept);
}

/** Leaves out the exec stanza of an EKS user. The config holds it, and its values may be secret. */
export function withoutStanza({ selected, config }: Pick<ClusterPlan, 'selected' | 'config'>): SelectedContext {
  return config ? { ...selected, user: { ...selected.user, exec: undefined, plugin: undefined } } : selected;
}

function isSameIdentity(identity: RequestIdentity | undefined, { config, selected }: ClusterPlan): boolean {
  if (identity instanceof EKSIdentity) return config !== undefined && isSameConfig(identity.config, config);
  return identity !== undefined && config === undefined && identity.serves(selected);
}

function identityOf(
  { config, selected, execPolicy }: ClusterPlan,
  { tokenOptions, events }: SharedParts,
  owner: () => Cluster,
): RequestIdentity | undefined {
  if (config === undefined) {
    const runs = selected.user.exec !== undefined && !hasFixedCredentials(selected.user) && execPolicy === 'allow';
    return runs ? new PluginIdentity(selected, tokenOptions) : undefined;
  }
  return new EKSIdentity(config, () => ({
    ...tokenOptions,
    execPolicy,
    onRefreshed: ({ expiresAt }, source, facts) =>
      events.emit('refreshed', { ...facts, cluster: owner(), expiresAt, source }),
    onRefreshFailed: (error, facts) => events.emit('refreshFailed', { ...facts, cluster: owner(), error }),
  }));
}
