import type { MintMemory } from '../../aws/context/mint-memory.ts';
import type { GivenCredentials } from '../../aws/token/given-credentials.ts';
import type { EKSAuthError } from '../../errors.ts';
import type { HostOptions } from '../../host.ts';

/** The name that the tokens of a cluster carry. */
export type ClusterTokenName =
  | {
      /** The name of a cluster in a region. */
      readonly clusterName: string;
    }
  | {
      /** The id of a local cluster on an AWS Outpost. */
      readonly clusterId: string;
    };

/** One cluster of a source: where it is, and whose token it gets. */
export interface ClusterDescription extends Pick<GivenCredentials, 'credentials'> {
  /** The id in the registry, for example the ARN. */
  readonly id: string;
  /** The name that tokens carry; for a local cluster on an AWS Outpost its id. */
  readonly cluster: ClusterTokenName;
  /** The AWS region. */
  readonly region: string;
  /** Profile in the AWS files. Default: as the AWS CLI decides. */
  readonly profile?: string;
  /** Role to assume for the tokens. */
  readonly roleArn?: string;
  /** The https URL of the API server. The source answers for it: tokens of this cluster go there. */
  readonly server: string;
  /** The certificate authority of the API server, base64. */
  readonly certificateAuthorityData: string;
}

/** What a source is given. */
export interface SourceContext {
  /** Aborts when the registry no longer follows the source. */
  readonly signal: AbortSignal;
  /** Environment, clock and logger of the registry. */
  readonly host: Required<HostOptions>;
  /** @internal What the requests of the registry share. */
  readonly memory: MintMemory;
  /** Reports a part of the source that cannot be read. The registry emits `sourceFailed`. */
  failed(part: string, error: EKSAuthError): void;
}

/**
 * Where clusters are found. {@link eksClusters} is one; write your own for another inventory.
 *
 * @example
 * const inventory: ClusterSource = {
 *   async *lists({ signal }) {
 *     while (!signal.aborted) {
 *       yield await readInventory();
 *       await setTimeout(60_000, undefined, { signal, ref: false });
 *     }
 *   },
 * };
 * await registry.follow(inventory).ready;
 */
export interface ClusterSource {
  /**
   * Whole lists, one after another. A cluster that two lists in a row do not have is removed: what cannot be read at the
   * moment belongs into the list as it was.
   */
  lists(context: SourceContext): AsyncIterable<readonly ClusterDescription[]>;
  /** Describes one cluster again, after a request could not reach it. Absent, or undefined: nothing changes. */
  describe?(id: string, context: SourceContext): Promise<ClusterDescription | undefined>;
}

/** A source that a registry follows. Stop it, or bind it with `using`. Closing the registry stops it too. */
export interface FollowedSource extends Disposable {
  /** Resolves when the clusters of the first list are registered; rejects where it is stopped before. */
  readonly ready: Promise<void>;
  /** Stops following. The clusters stay registered. */
  stop(): void;
}
