import type { AWSLimits } from '../../aws/gate/gates.ts';
import type { GivenProvider } from '../../aws/token/auth-provider.ts';
import type { GivenCredentials } from '../../aws/token/given-credentials.ts';
import type { TokenManagerOptions } from '../../aws/token/token-provider.ts';
import type { EKSAuthError } from '../../errors.ts';
import type { HostOptions } from '../../host.ts';
import type { Cluster } from '../clients/cluster.ts';
import type { ConnectionLimits } from '../transport/limits.ts';
import type { RequestSettings } from '../transport/settings.ts';
import type { TrustOptions } from '../trust/trust-policy.ts';
import type { DescribeAs } from './describe-as.ts';

/** Defaults for all clusters of a registry. */
export interface ClusterRegistryOptions extends HostOptions, TrustOptions, RequestSettings {
  /** The disk cache shared with kubectl. Default: its usual folder; see {@link TokenManagerOptions.cache}. */
  readonly cache?: TokenManagerOptions['cache'];
  /** Machines that share tokens through a store. Default: none. */
  readonly fleet?: TokenManagerOptions['fleet'];
  /**
   * The folder with the pod's service account: `token`, `ca.crt` and `namespace`.
   * Default: `/var/run/secrets/kubernetes.io/serviceaccount`.
   */
  readonly serviceAccountDirectory?: string | undefined;
  /** Time limits of connections to API servers. Default: those of {@link ConnectionLimits}. */
  readonly limits?: ConnectionLimits | undefined;
  /** How many requests go to AWS at once. Default: the limits of the process, which all registries share. */
  readonly awsLimits?: AWSLimits | undefined;
}

/** Options of every register method. */
export interface RegisterOptions extends TrustOptions, GivenCredentials, GivenProvider, RequestSettings {
  /** The id in the registry. Default: the cluster's ARN where the kubeconfig has it, else the name of the context. */
  readonly id?: string | undefined;
  /** The context of the kubeconfig. Default: its current-context. */
  readonly context?: string | undefined;
  /** Replace and close a registered cluster with the same id. Default: registering an id twice is an error. */
  readonly replace?: boolean | undefined;
  /** Time limits of connections to the API server. Default: those of the registry. */
  readonly limits?: ConnectionLimits | undefined;
  /** Aborts a call of DescribeCluster. The registration then rejects with the signal's reason. Default: none. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of {@link ClusterRegistry.registerAWSCluster}. */
export interface RegisterAWSOptions
  extends GivenCredentials,
    GivenProvider,
    RequestSettings,
    Pick<RegisterOptions, 'id' | 'replace' | 'limits' | 'signal' | 'execPolicy'> {
  /**
   * Calls DescribeCluster with another identity than that of the tokens: the role of the tokens often lacks
   * `eks:DescribeCluster`. Default: the identity of the tokens, and with an `authProvider` that of the environment.
   */
  readonly describeAs?: DescribeAs | undefined;
  /**
   * Whether programs run: the `credential_process` of a profile, and `aws` where ekspress cannot decide in-process.
   * Default: `allow`.
   */
  readonly execPolicy?: RegisterOptions['execPolicy'];
}

/** Options of {@link ClusterRegistry.registerInCluster}. */
export interface RegisterInClusterOptions extends RequestSettings, Pick<RegisterOptions, 'id' | 'replace' | 'limits'> {}

/** Options of {@link ClusterRegistry.registerAll} and {@link ClusterRegistry.registerAllByString}. Ids and contexts are those of the kubeconfig. */
export interface RegisterAllOptions extends Omit<RegisterOptions, 'id' | 'context' | 'authProvider'> {
  /** Registers EKS users only; each other context is in `failed`, with NOT_EKS. Default: false, every kind of user. */
  readonly eksOnly?: boolean | undefined;
}

/** The result for each context of a kubeconfig. */
export interface RegisterAllResult {
  /** In the order of the contexts. */
  readonly registered: readonly Cluster[];
  /** One `EKSAuthError` for each context that could not be registered. */
  readonly failed: readonly {
    /** The name of the context. */
    readonly context: string;
    /** The reason why it is not registered. */
    readonly error: EKSAuthError;
  }[];
}
