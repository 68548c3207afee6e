import type { GivenCredentials } from '../aws/given-credentials.ts';
import type { TokenManagerOptions } from '../aws/token-provider.ts';
import type { EKSAuthError } from '../errors.ts';
import type { HostOptions } from '../host.ts';
import type { Cluster } from './cluster.ts';
import type { TrustOptions } from './trust.ts';

/** Defaults for all clusters of a registry. */
export interface ClusterRegistryOptions extends HostOptions, TrustOptions {
  /** The disk cache shared with kubectl; see {@link TokenManagerOptions.cache}. */
  readonly cache?: NonNullable<TokenManagerOptions['cache']>;
}

/** What every register form takes. */
export interface RegisterOptions extends TrustOptions, GivenCredentials {
  /** What the cluster is called in the registry. Default: its ARN where the kubeconfig names it, else the context. */
  readonly id?: string;
  /** Which context of the kubeconfig. Default: its current-context. */
  readonly context?: string;
  /** Take the place of a cluster that has the same id, which is closed. Default: a second one is refused. */
  readonly replace?: boolean;
  /** Ends the waiting for EKS, where it is asked about the cluster, with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What {@link ClusterRegistry.registerAWSCluster} takes. */
export interface RegisterAWSOptions extends Pick<RegisterOptions, 'id' | 'replace' | 'signal'> {}

/** What {@link ClusterRegistry.registerAll} takes: id and context follow from each context. */
export interface RegisterAllOptions extends Omit<RegisterOptions, 'id' | 'context'> {}

/** What came of each context of a kubeconfig. */
export interface RegisterAllResult {
  /** In the order of the contexts. */
  readonly registered: readonly Cluster[];
  /** One `EKSAuthError` for each context that could not be registered. */
  readonly failed: readonly {
    /** Name of the context. */
    readonly context: string;
    /** Why it is not registered. */
    readonly error: EKSAuthError;
  }[];
}
