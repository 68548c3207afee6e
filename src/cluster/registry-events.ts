import type { TokenSource } from '../aws/obtain-token.ts';
import type { RefreshFacts } from '../aws/token-provider.ts';
import type { EKSAuthError } from '../errors.ts';
import type { Cluster } from './cluster.ts';

/** What a registry tells, by name of the event. */
export interface RegistryEvents {
  /** A cluster can be used from now on. */
  readonly registered: { readonly cluster: Cluster };
  /** A cluster was unregistered or replaced, or the registry closed. */
  readonly removed: { readonly cluster: Cluster };
  /** A cluster has a new token. */
  readonly refreshed: RefreshFacts & {
    readonly cluster: Cluster;
    readonly expiresAt: Date;
    readonly source: TokenSource;
  };
  /** No new token could be had; while an older one lives, that one is served. */
  readonly refreshFailed: RefreshFacts & { readonly cluster: Cluster; readonly error: EKSAuthError };
  /** The API server refused the token of a request; `healed`: it went through with another one. */
  readonly refused: { readonly cluster: Cluster; readonly healed: boolean };
  /** An informer could not list or watch; it tries again after the pause, and not at all where there is none. */
  readonly watchFailed: { readonly cluster: Cluster; readonly error: unknown; readonly retryInMs: number | undefined };
}
