import { type EKSAuthConfig, isSameConfig } from '../aws/stanza/eks-auth-config.ts';
import type { Cluster } from '../cluster/clients/cluster.ts';
import type { ClusterRegistry } from '../cluster/registry/registry.ts';
import { isPlainName } from '../text/foreign-text.ts';
import { own, sentence } from '../text/sentence.ts';
import { refusal } from './refusal.ts';
import { profileOf, unknownName } from './untrusted-config.ts';

/** The number of clusters that a model may register, so that it cannot fill the memory of the server. */
const MAX_CLUSTERS = 200;

/** What makes a cluster, and the id that it gets. */
export interface WantedCluster {
  readonly id: string;
  readonly context: string;
  readonly server: string | undefined;
  readonly config: EKSAuthConfig;
}

interface PendingCluster extends WantedCluster {
  readonly ended: Promise<void>;
}

/** The clusters that models have registered in a registry: each cluster and each id only once. */
export class Registrations {
  readonly #registry: ClusterRegistry;
  readonly #ids = new Set<string>();
  /** Registrations in progress. They count as taken and towards the limit. */
  readonly #pending = new Set<PendingCluster>();

  constructor(registry: ClusterRegistry) {
    this.#registry = registry;
  }

  /** Whether a model has registered a cluster. */
  has({ id }: Cluster): boolean {
    return this.#ids.has(id);
  }

  /**
   * The registered cluster that is the wanted one, whatever its id, else the one that `make` registers. The registered
   * one has been checked, so the certificate authority in another text does not matter. A cluster whose id the model
   * may not see is of no use to it.
   * @throws EKSAuthError INVALID_CONFIG where the id belongs to another cluster, or there are too many
   */
  async register(
    wanted: WantedCluster,
    isShown: (id: string) => boolean,
    make: () => Promise<Cluster>,
  ): Promise<Cluster> {
    for (;;) {
      const known = this.#registry.list().find((cluster) => isWanted(cluster, wanted) && isShown(cluster.id));
      if (known) return known;
      const pending = [...this.#pending].find((one) => isSame(one, wanted));
      if (pending === undefined) break;
      // It may fail, or be given up by its caller.
      await pending.ended;
    }
    this.#requireFree(wanted);
    const making = make();
    const pending = { ...wanted, ended: making.then(ignore, ignore) };
    this.#pending.add(pending);
    this.#ids.add(wanted.id);
    try {
      return await making;
    } finally {
      this.#pending.delete(pending);
      if (this.#registry.get(wanted.id) === undefined) this.#ids.delete(wanted.id);
    }
  }

  async remove({ id }: Cluster): Promise<void> {
    this.#ids.delete(id);
    await this.#registry.unregister(id);
  }

  async removeAll(): Promise<void> {
    await Promise.all([...this.#ids].map((id) => this.#registry.unregister(id)));
    this.#ids.clear();
  }

  #requireFree(wanted: WantedCluster): void {
    const { id } = wanted;
    if (!isPlainName(id)) throw unknownName();
    const holder = this.#registry.get(id);
    const pending = [...this.#pending].find((one) => one.id === id);
    const taken =
      pending ?? (holder?.eksAuth && { context: holder.context, server: holder.server, config: holder.eksAuth });
    if (taken && isSameEKSCluster(taken, wanted)) {
      throw refusal(
        'INVALID_CONFIG',
        sentence`This cluster is registered as ${id}, with another ${own(differenceOf(taken, wanted))}.`,
        sentence`Pass another cluster_id: then both are registered. Or go on with ${id} as it is.`,
      );
    }
    if (taken || holder || this.#ids.has(id)) {
      throw refusal(
        'INVALID_CONFIG',
        sentence`Another cluster is registered as ${id}.`,
        own('Pass another cluster_id, or unregister that cluster with unregister_eks_cluster.'),
      );
    }
    if (this.#ids.size >= MAX_CLUSTERS) {
      throw refusal(
        'INVALID_CONFIG',
        sentence`This server holds ${MAX_CLUSTERS} clusters, which is its limit.`,
        own('Unregister some with unregister_eks_cluster.'),
      );
    }
  }
}

function isWanted({ context, server, eksAuth }: Cluster, wanted: WantedCluster): boolean {
  return (
    context === wanted.context &&
    server === wanted.server &&
    eksAuth !== undefined &&
    isSameConfig(eksAuth, wanted.config)
  );
}

/** What two registrations of one EKS cluster are made of. */
type Registration = Pick<WantedCluster, 'context' | 'server' | 'config'>;

function isSameEKSCluster(one: Registration, other: Registration): boolean {
  const [a, b] = [one.config, other.config];
  return one.server === other.server && a.clusterName === b.clusterName && a.clusterId === b.clusterId;
}

/** In what two registrations of one cluster differ, in words without names. */
function differenceOf(one: Registration, other: Registration): string {
  const isOtherProfile = profileOf(one.config) !== profileOf(other.config);
  const isOtherRole = one.config.roleArn !== other.config.roleArn;
  if (isOtherProfile) return isOtherRole ? 'identity (profile and role)' : 'identity (profile)';
  if (isOtherRole) return 'identity (role)';
  return isSameConfig(one.config, other.config) ? 'context' : 'command or environment';
}

function isSame(one: WantedCluster, other: WantedCluster): boolean {
  return one.context === other.context && one.server === other.server && isSameConfig(one.config, other.config);
}

function ignore(): void {}
