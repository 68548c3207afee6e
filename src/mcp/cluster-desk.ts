import { type EKSAuthConfig, isSameConfig } from '../aws/eks-auth-config.ts';
import { requireEKSUser } from '../aws/eks-user.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { defaultClusterId } from '../cluster/cluster-id.ts';
import { ClusterRegistry } from '../cluster/registry.ts';
import { canonicalServer, isVouchedFor } from '../cluster/trusted-servers.ts';
import { EKSAuthError } from '../errors.ts';
import { type Host, hostFrom } from '../host.ts';
import { checkKubeconfigString } from '../kubeconfig/kubeconfig-input.ts';
import { parseKubeconfig } from '../kubeconfig/parse-kubeconfig.ts';
import { type SelectedContext, selectContext } from '../kubeconfig/select-context.ts';
import { shown, suggestNames } from '../text/nearest-names.ts';
import { readOpenFile } from './operator-files.ts';
import { checkedOptions, type MCPOptions } from './options.ts';
import { isPlainName, unusualTexts } from './safe-text.ts';
import { ambiguous, requirePlainNames, withoutTexts } from './stranger-config.ts';
import { serversOfCluster } from './vouched-servers.ts';

/** What a model may hold at once: it cannot fill the memory of the server. */
const MAX_CLUSTERS = 200;

/** What a model asks for. */
export interface DeskRegistration {
  /** The text of a kubeconfig, or the path of one. */
  readonly kubeconfig: string;
  readonly clusterId?: string | undefined;
  readonly context?: string | undefined;
}

/**
 * Between a model and the registry. Whatever comes from the model is a stranger's, wherever it lies: it runs nothing,
 * and no token goes to a server that the operator has not vouched for.
 */
export class ClusterDesk implements AsyncDisposable {
  readonly host: Host;
  readonly #options: MCPOptions;
  readonly #registry: ClusterRegistry;
  readonly #ownsRegistry: boolean;
  readonly #registeredHere = new Set<string>();
  /** Ids of registrations under way: none is given out twice, and the limit counts them. */
  readonly #pending = new Set<string>();
  #closed = false;

  constructor(options: MCPOptions) {
    const { env, now, logger, cache } = options;
    this.#options = checkedOptions(options);
    this.host = hostFrom(options);
    this.#ownsRegistry = options.registry === undefined;
    this.#registry =
      options.registry ??
      new ClusterRegistry({
        ...(env && { env }),
        ...(now && { now }),
        ...(logger && { logger }),
        ...(cache !== undefined && { cache }),
      });
  }

  /** @throws EKSAuthError without anything in it that is not a plain name */
  async register({ kubeconfig, clusterId, context }: DeskRegistration): Promise<Cluster> {
    const { roots = [], trustedKubeconfigs = [] } = this.#options;
    const text = isPath(kubeconfig)
      ? await readOpenFile(kubeconfig.trim(), { roots, files: trustedKubeconfigs }, this.host.env)
      : kubeconfig;
    const file = parseKubeconfig(checkKubeconfigString(text), { place: 'the kubeconfig' });
    const selected = selectContext([file], context);
    try {
      return await this.#registerSelected(text, selected, clusterId);
    } catch (error) {
      throw withoutTexts(error, unusualTexts(selected));
    }
  }

  async #registerSelected(text: string, selected: SelectedContext, clusterId: string | undefined): Promise<Cluster> {
    const config = requireEKSUser(selected);
    requirePlainNames(config);
    const id = clusterId ?? defaultClusterId(selected, config);
    this.#requireFreeId(id);
    this.#pending.add(id);
    try {
      const cluster = await this.#registerAs(id, text, selected, config);
      this.#registeredHere.add(id);
      if (this.#closed) await this.unregister(id);
      return cluster;
    } finally {
      this.#pending.delete(id);
    }
  }

  async #registerAs(id: string, text: string, selected: SelectedContext, config: EKSAuthConfig): Promise<Cluster> {
    const { trustedKubeconfigs = [], trustedServers = [], describeClusters = true } = this.#options;
    const ownServers = await serversOfCluster(trustedKubeconfigs, config, this.host);
    const vouched = [...trustedServers, ...ownServers];
    const server = canonicalServer(selected.cluster.server);
    const clusterName = config.clusterName ?? config.clusterId;
    const { caData } = selected.cluster;
    const isKnown = server !== undefined && isVouchedFor({ server, caData, clusterName }, vouched);
    const cluster = await this.#registry.registerEKSByString(text, {
      id,
      context: selected.context.name,
      execPolicy: 'eks-only',
      trustedServers: describeClusters && !isKnown ? 'describe-cluster' : vouched,
      allow: [],
    });
    // The servers were chosen by one reader of the text and the cluster made by another: they have to agree.
    const same = cluster.eksAuth !== undefined && isSameConfig(cluster.eksAuth, config);
    if (!same || cluster.server !== server) {
      await this.#registry.unregister(id);
      throw ambiguous();
    }
    return cluster;
  }

  /** The EKS clusters, in the order of their registration. */
  list(): readonly Cluster[] {
    return this.#registry.list().filter((cluster) => cluster.eksAuth !== undefined);
  }

  /** @throws EKSAuthError INVALID_CONFIG where there is none of that id */
  get(id: string): Cluster {
    const cluster = this.#registry.get(id);
    if (cluster?.eksAuth !== undefined) return cluster;
    const names = suggestNames(
      id,
      this.list().map((one) => one.id),
    );
    throw new EKSAuthError('INVALID_CONFIG', `No cluster ${shown(id)} is registered.${names}`, {
      remedy: 'Use an id of list_eks_clusters, or register the cluster with register_eks_cluster.',
    });
  }

  /** @throws EKSAuthError INVALID_CONFIG for a cluster that was not registered here */
  async unregister(id: string): Promise<void> {
    this.get(id);
    if (!this.#registeredHere.has(id)) {
      throw new EKSAuthError('INVALID_CONFIG', `Cluster ${shown(id)} belongs to the operator of this server.`, {
        remedy: 'Only clusters that register_eks_cluster has registered can be unregistered.',
      });
    }
    this.#registeredHere.delete(id);
    await this.#registry.unregister(id);
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#ownsRegistry) return this.#registry.close();
    await Promise.all([...this.#registeredHere].map((id) => this.#registry.unregister(id)));
    this.#registeredHere.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #requireFreeId(id: string): void {
    if (!isPlainName(id)) {
      throw new EKSAuthError('INVALID_CONFIG', 'The cluster has no name that can be shown.', {
        remedy: 'Pass a cluster_id made of letters, digits and - _ . : / only.',
      });
    }
    if (this.#registry.get(id) !== undefined || this.#pending.has(id)) {
      throw new EKSAuthError('INVALID_CONFIG', `A cluster ${shown(id)} is registered already.`, {
        remedy: 'Pass another cluster_id, or unregister_eks_cluster the one that is there.',
      });
    }
    if (this.#registeredHere.size + this.#pending.size >= MAX_CLUSTERS) {
      throw new EKSAuthError('INVALID_CONFIG', `This server holds ${MAX_CLUSTERS} clusters, and takes no more.`, {
        remedy: 'Unregister some with unregister_eks_cluster.',
      });
    }
  }
}

/** One line that does not begin as a kubeconfig does. */
function isPath(text: string): boolean {
  const line = text.trim();
  return line !== '' && !line.includes('\n') && !/^(\{|apiVersion\s*:|kind\s*:)/.test(line);
}
