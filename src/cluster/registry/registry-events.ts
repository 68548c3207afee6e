import type { AWSActivity, GatedService } from '../../aws/gate/gates.ts';
import type { RefreshFacts } from '../../aws/token/token-provider.ts';
import type { TokenSource } from '../../aws/token/token-request.ts';
import type { EKSAuthError } from '../../errors.ts';
import type { FleetActivity } from '../../store/fleet-activity.ts';
import type { Cluster } from '../clients/cluster.ts';
import type { DiscoveryActivity } from '../discovery/source-activity.ts';

/** The events of a registry, by name. */
export interface RegistryEvents {
  /** A cluster was registered and can be used. */
  readonly registered: {
    /** The cluster. */
    readonly cluster: Cluster;
  };
  /** A cluster was unregistered or replaced, or the registry closed. */
  readonly removed: {
    /** The cluster. */
    readonly cluster: Cluster;
  };
  /** The kubeconfig of a cluster has changed, and the cluster has adopted the change. */
  readonly changed: {
    /** The cluster. */
    readonly cluster: Cluster;
  };
  /** The kubeconfig of a cluster is missing, damaged or no longer allowed. The cluster stays as it was. */
  readonly changeRefused: {
    /** The cluster. */
    readonly cluster: Cluster;
    /** The problem with the kubeconfig. */
    readonly error: EKSAuthError;
  };
  /** A cluster has a new token. */
  readonly refreshed: RefreshFacts & {
    /** The cluster of the token. */
    readonly cluster: Cluster;
    /** The end of the token's validity. */
    readonly expiresAt: Date;
    /** The origin of the token. */
    readonly source: TokenSource;
  };
  /** A token refresh failed. The previous token is used until it expires. */
  readonly refreshFailed: RefreshFacts & {
    /** The cluster of the token. */
    readonly cluster: Cluster;
    /** The reason of the failure. */
    readonly error: EKSAuthError;
  };
  /** The API server refused the token of a request. */
  readonly refused: {
    /** The cluster of the API server. */
    readonly cluster: Cluster;
    /** Whether the request then succeeded with another token. */
    readonly healed: boolean;
  };
  /** A part of a followed source could not be read. Its clusters stay as they were. */
  readonly sourceFailed: {
    /** For example the role and region of the part, or the id of a cluster. */
    readonly part: string;
    /** The reason. */
    readonly error: EKSAuthError;
  };
  /** An informer could not list or watch, and tries again. Not emitted where the cluster of the informer was unregistered. */
  readonly watchFailed: {
    /** The cluster of the informer. */
    readonly cluster: Cluster;
    /** The reason of the failure. */
    readonly error: unknown;
    /** The pause before the next attempt, in milliseconds. */
    readonly retryInMs: number;
  };
}

/** The activity of a registry besides the tokens of its clusters. */
export interface RegistryActivity {
  /** The requests to each service of AWS whose quota is kept. */
  readonly aws: Readonly<Record<GatedService, AWSActivity>>;
  /** The sources that are followed. */
  readonly discovery: DiscoveryActivity;
  /** The fleet that shares tokens, and its store. Absent: the registry has no `fleet`. */
  readonly fleet?: FleetActivity;
}
