import { type EKSAuthConfig, isSameConfig } from '../aws/stanza/eks-auth-config.ts';
import { requireEKSUser } from '../aws/stanza/eks-user.ts';
import type { Cluster } from '../cluster/clients/cluster.ts';
import { decider } from '../cluster/registry/aws-cluster.ts';
import { defaultClusterId } from '../cluster/registry/cluster-id.ts';
import { ClusterRegistry } from '../cluster/registry/registry.ts';
import { type Decide, objectionTo } from '../cluster/trust/compare-trusted-servers.ts';
import { canonicalServer, type TrustedServer } from '../cluster/trust/trusted-servers.ts';
import { EKSAuthError } from '../errors.ts';
import { type Host, hostFrom } from '../host.ts';
import { checkKubeconfigString } from '../kubeconfig/read/kubeconfig-input.ts';
import { parseKubeconfig } from '../kubeconfig/read/parse-kubeconfig.ts';
import { type SelectedContext, selectContext } from '../kubeconfig/read/select-context.ts';
import { isPlainName } from '../text/foreign-text.ts';
import { own, sentence } from '../text/sentence.ts';
import { requireOwnRole } from './foreign-roles.ts';
import { KnownWords } from './known-words.ts';
import { checkedOptions, type MCPOptions } from './mcp-options.ts';
import { chooseContext, type OperatorContext, operatorContexts } from './operator-contexts.ts';
import { readOpenFile } from './operator-files.ts';
import { serversOfCluster } from './operator-servers.ts';
import { learnOperator } from './operator-words.ts';
import { notRegistered, unknownCluster } from './unknown-cluster.ts';
import { ambiguous, profileOf, requireHarmless, unknownName } from './untrusted-config.ts';

/** The number of clusters that a model may register, so that it cannot fill the memory of the server. */
const MAX_CLUSTERS = 200;

/** Certificate authority and identity are compared. */
const COMPARED_WHOLE = { authority: true, identity: true } as const;

/** A model's request to register a cluster. */
export interface ClusterRegistration {
  /** The text or the path of a kubeconfig. Absent: the files of the operator. */
  readonly kubeconfig?: string | undefined;
  readonly clusterId?: string | undefined;
  readonly context?: string | undefined;
}

/**
 * The clusters that the tools show and register. Every kubeconfig from a model is untrusted, wherever it is stored: it
 * cannot run a program, and tokens go only to servers that AWS or the operator names.
 */
export class MCPClusters implements AsyncDisposable {
  readonly host: Host;
  readonly #options: MCPOptions;
  readonly #registry: ClusterRegistry;
  readonly #ownsRegistry: boolean;
  readonly #decide: Decide;
  /** What the operator and AWS say. Models may be shown it. */
  readonly words: KnownWords = new KnownWords();
  readonly #registeredHere = new Set<string>();
  /** Ids of registrations in progress. They count as taken and towards the limit. */
  readonly #pending = new Set<string>();
  #closed = false;
  #learning: Promise<void> | undefined;
  /** The contexts of the operator when they were read last. */
  #contexts: readonly OperatorContext[] = [];

  constructor(options: MCPOptions) {
    const { env, now, logger, cache } = options;
    this.#options = checkedOptions(options);
    this.host = hostFrom(options);
    this.#decide = decider(this.host);
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

  /** @throws EKSAuthError */
  async register({ kubeconfig, clusterId, context }: ClusterRegistration, words: KnownWords): Promise<Cluster> {
    const { roots = [], trustedKubeconfigs = [] } = this.#options;
    if (kubeconfig === undefined) {
      const found = chooseContext(await this.available(), context);
      return this.#registerSelected(found.text, found.selected, clusterId, words);
    }
    const text = isPath(kubeconfig)
      ? await readOpenFile(kubeconfig.trim(), { roots, files: trustedKubeconfigs }, this.host.env)
      : kubeconfig;
    const file = parseKubeconfig(checkKubeconfigString(text), { place: 'the kubeconfig' });
    const selected = selectContext([file], context);
    return this.#registerSelected(text, selected, clusterId, words);
  }

  /** Learns what the operator says now. Calls at one time share the reading of the files. */
  learnOperator(): Promise<void> {
    this.#learning ??= this.#learnOperator().finally(() => {
      this.#learning = undefined;
    });
    return this.#learning;
  }

  async #learnOperator(): Promise<void> {
    // What cannot be read is logged where it is needed.
    const quiet = { ...this.host, logger: { debug() {}, info() {}, warn() {}, error() {} } };
    this.#contexts = await operatorContexts(this.#options.trustedKubeconfigs ?? [], quiet);
    await learnOperator(this.words, this.#options, this.#contexts, this.host);
  }

  /** The EKS contexts in the operator's own files. */
  available(): Promise<readonly OperatorContext[]> {
    return operatorContexts(this.#options.trustedKubeconfigs ?? [], this.host);
  }

  async #registerSelected(
    text: string,
    selected: SelectedContext,
    clusterId: string | undefined,
    words: KnownWords,
  ): Promise<Cluster> {
    const config = requireEKSUser(selected);
    requireHarmless(selected, config);
    const id = clusterId ?? defaultClusterId(selected, config, 'string');
    const known = this.#registry.get(id);
    // The same cluster again. The registered one has been checked, so the certificate authority in this text does not
    // matter.
    if (known?.eksAuth && isSameConfig(known.eksAuth, config) && isServerOf(known, selected)) return known;
    this.#requireFreeId(id);
    this.#pending.add(id);
    try {
      const cluster = await this.#registerAs(id, text, selected, config);
      this.#registeredHere.add(id);
      if (this.#closed || !words.has(id)) await this.unregister(id);
      if (!words.has(id)) throw unknownName();
      return cluster;
    } finally {
      this.#pending.delete(id);
    }
  }

  async #registerAs(id: string, text: string, selected: SelectedContext, config: EKSAuthConfig): Promise<Cluster> {
    const { trustedKubeconfigs = [], trustedServers = [], describeClusters = true } = this.#options;
    const ownServers = await serversOfCluster(trustedKubeconfigs, config, this.host, this.#decide);
    const server = canonicalServer(selected.cluster.server);
    const { caData } = selected.cluster;
    const isTrusted = async (entries: readonly TrustedServer[]): Promise<boolean> =>
      server !== undefined &&
      (await objectionTo({ server, caData, config }, entries, COMPARED_WHOLE, this.#decide)) === undefined;
    const isOwn = await isTrusted(ownServers);
    if (!isOwn) await requireOwnRole(config, this.#options, this.host);
    const trusted = [...trustedServers, ...ownServers];
    const isKnown = isOwn || (await isTrusted(trustedServers));
    const isDescribed = describeClusters && !isKnown;
    const cluster = await this.#registry.registerEKSByString(text, {
      id,
      context: selected.context.name,
      execPolicy: 'eks-only',
      trustedServers: isDescribed ? 'describe-cluster' : trusted,
      allow: [],
    });
    // One parser chose the servers and another one made the cluster. They must agree on the text.
    const same = cluster.eksAuth !== undefined && isSameConfig(cluster.eksAuth, config);
    if (!same || cluster.server !== server) {
      await this.#registry.unregister(id);
      throw ambiguous();
    }
    this.words.learn(server);
    // AWS has answered with a cluster of this name to this identity.
    if (isDescribed) this.words.learn([config.clusterName, config.roleArn]);
    return cluster;
  }

  /** The EKS clusters, in the order of registration. */
  list(): readonly Cluster[] {
    const clusters = this.#registry.list().filter((cluster) => cluster.eksAuth !== undefined);
    for (const cluster of clusters) this.#learnOwn(cluster);
    return clusters;
  }

  /** @throws EKSAuthError INVALID_CONFIG for an unknown id */
  get(id: string): Cluster {
    const cluster = this.#registry.get(id);
    if (cluster?.eksAuth !== undefined) {
      this.#learnOwn(cluster);
      return cluster;
    }
    throw unknownCluster(id, this.list(), this.#contexts);
  }

  /** @throws EKSAuthError INVALID_CONFIG for a cluster that was not registered through the tools */
  async unregister(id: string): Promise<void> {
    if (this.#registry.get(id)?.eksAuth === undefined) throw notRegistered(id);
    if (!this.#registeredHere.has(id)) {
      throw new EKSAuthError('INVALID_CONFIG', sentence`Cluster ${id} belongs to the operator of this server.`, {
        remedy: own('Only clusters registered with register_eks_cluster can be unregistered.'),
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

  /** The names of a cluster that the operator has registered. */
  #learnOwn({ id, context, server, eksAuth }: Cluster): void {
    if (this.#registeredHere.has(id) || eksAuth === undefined) return;
    const { clusterName, clusterId, region, roleArn } = eksAuth;
    this.words.learn([id, context, server, clusterName, clusterId, region, roleArn, profileOf(eksAuth)]);
  }

  #requireFreeId(id: string): void {
    if (!isPlainName(id)) {
      throw unknownName();
    }
    if (this.#registry.get(id) !== undefined || this.#pending.has(id)) {
      throw new EKSAuthError('INVALID_CONFIG', sentence`A cluster ${id} is already registered.`, {
        remedy: own('Pass another cluster_id, or unregister that cluster with unregister_eks_cluster.'),
      });
    }
    if (this.#registeredHere.size + this.#pending.size >= MAX_CLUSTERS) {
      throw new EKSAuthError(
        'INVALID_CONFIG',
        sentence`This server holds ${MAX_CLUSTERS} clusters, which is its limit.`,
        {
          remedy: own('Unregister some with unregister_eks_cluster.'),
        },
      );
    }
  }
}

function isServerOf({ server, context }: Cluster, selected: SelectedContext): boolean {
  return context === selected.context.name && server === canonicalServer(selected.cluster.server);
}

/** Whether a text is a path: one line that does not begin like a kubeconfig. */
function isPath(text: string): boolean {
  const line = text.trim();
  return line !== '' && !line.includes('\n') && !/^(\{|apiVersion\s*:|kind\s*:)/.test(line);
}
