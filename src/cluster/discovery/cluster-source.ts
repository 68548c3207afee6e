import type { MintMemory } from '../../aws/context/mint-memory.ts';
import type { IdentityOptions } from '../../aws/stanza/stanza.ts';
import type { GivenCredentials } from '../../aws/token/given-credentials.ts';
import type { EKSAuthError } from '../../errors.ts';
import type { Environment, Logger } from '../../host.ts';

/** How tokens name a cluster. */
export type ClusterTokenName =
  | {
      /** The name of a cluster in a region. */
      readonly clusterName: string;
    }
  | {
      /** The id of a local cluster on an AWS Outpost. */
      readonly clusterId: string;
    };

/** One cluster of a source: its server, and the identity of its tokens. */
export interface ClusterDescription extends IdentityOptions, Pick<GivenCredentials, 'credentials'> {
  /** The id in the registry, for example the ARN. */
  readonly id: string;
  /** The name of the cluster in tokens. For a local cluster on an AWS Outpost, its id. */
  readonly cluster: ClusterTokenName;
  /** The AWS region. */
  readonly region: string;
  /** The https URL of the API server. Tokens of this cluster go there, so the source must be trusted. */
  readonly server: string;
  /** The certificate authority of the API server, base64. */
  readonly certificateAuthorityData: string;
}

/** What the registry passes to a source. */
export interface SourceContext {
  /** Aborts when the registry no longer follows the source. */
  readonly signal: AbortSignal;
  /** Environment, clock and logger of the registry. */
  readonly host: {
    /** The environment. */
    readonly env: Environment;
    /** The clock. */
    readonly now: () => Date;
    /** The logger. */
    readonly logger: Logger;
  };
  /** @internal What the requests of the registry share. */
  readonly memory: MintMemory;
  /** Reports a part of the source that cannot be read. The registry emits `sourceFailed`. */
  failed(part: string, error: EKSAuthError): void;
  /** Reports that the next list repeats a part unchanged, because the part waits after a failure. */
  unread(part: string): void;
}

/**
 * Where clusters are found. {@link eksClusters} is one; write your own for another inventory.
 *
 * @example
 * ```ts
 * import { setTimeout } from 'node:timers/promises';
 * import { type ClusterDescription, ClusterRegistry, type ClusterSource } from 'ekspress';
 *
 * const readInventory = async (): Promise<ClusterDescription[]> => []; // yours
 * const inventory: ClusterSource = {
 *   async *lists({ signal }) {
 *     while (!signal.aborted) {
 *       yield await readInventory();
 *       await setTimeout(60_000, undefined, { signal, ref: false });
 *     }
 *   },
 * };
 * await using registry = new ClusterRegistry();
 * await registry.follow(inventory).ready;
 * ```
 */
export interface ClusterSource {
  /**
   * Complete lists, one after another. A cluster that is missing in two lists in a row is removed. So a list must also
   * contain the clusters that cannot be read at the moment, as they were.
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
