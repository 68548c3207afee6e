import type { TokenSource } from '../aws/obtain-token.ts';
import type { RefreshFacts } from '../aws/token-provider.ts';
import type { EKSAuthError } from '../errors.ts';
import type { Cluster } from './cluster.ts';

/** What a registry tells, by name of the event. */
export interface RegistryEvents {
  /** A cluster can be used from now on. */
  readonly registered: {
    /** Which one. */
    readonly cluster: Cluster;
  };
  /** A cluster was unregistered or replaced, or the registry closed. */
  readonly removed: {
    /** Which one. */
    readonly cluster: Cluster;
  };
  /** The kubeconfig that a cluster was registered from says something else about it, and it goes by that from now on. */
  readonly changed: {
    /** Which one. */
    readonly cluster: Cluster;
  };
  /** That kubeconfig is gone, damaged, or says what the cluster may not do: it goes on as before. */
  readonly changeRefused: {
    /** Which one. */
    readonly cluster: Cluster;
    /** What is wrong with the kubeconfig. */
    readonly error: EKSAuthError;
  };
  /** A cluster has a new token. */
  readonly refreshed: RefreshFacts & {
    /** Whose token it is. */
    readonly cluster: Cluster;
    /** Until when it may be used. */
    readonly expiresAt: Date;
    /** Where it came from. */
    readonly source: TokenSource;
  };
  /** No new token could be had; while an older one lives, that one is served. */
  readonly refreshFailed: RefreshFacts & {
    /** Whose token it would have been. */
    readonly cluster: Cluster;
    /** Why there is none. */
    readonly error: EKSAuthError;
  };
  /** The API server refused the token of a request; `healed`: it went through with another one. */
  readonly refused: {
    /** Whose API server refused. */
    readonly cluster: Cluster;
    /** Whether the request went through after all. */
    readonly healed: boolean;
  };
  /** An informer could not list or watch; it tries again after the pause, and not at all where there is none. */
  readonly watchFailed: {
    /** Whose informer it is. */
    readonly cluster: Cluster;
    /** What went wrong. */
    readonly error: unknown;
    /** The pause, in milliseconds. */
    readonly retryInMs: number | undefined;
  };
}
