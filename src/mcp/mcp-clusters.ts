import { type EKSAuthConfig, isSameConfig } from '../aws/stanza/eks-auth-config.ts';
import { requireEKSUser } from '../aws/stanza/eks-user.ts';
import type { Cluster } from '../cluster/clients/cluster.ts';
import { decider } from '../cluster/registry/aws-cluster.ts';
import { defaultClusterId } from '../cluster/registry/cluster-id.ts';
import { ClusterRegistry } from '../cluster/registry/registry.ts';
import { type Decide, objectionTo } from '../cluster/trust/compare-trusted-servers.ts';
import { canonicalServer, type TrustedServer } from '../cluster/trust/trusted-servers.ts';
import { type Host, hostFrom } from '../host.ts';
import { own, sentence } from '../text/sentence.ts';
import { type Chosen, chosenInText, isPath } from './chosen-context.ts';
import { requireOwnRole } from './foreign-roles.ts';
import { KnownWords } from './known-words.ts';
import { checkedOptions, type MCPOptions } from './mcp-options.ts';
import { readOpenFile } from './operator/open-files.ts';
import { chooseContext } from './operator/operator-contexts.ts';
import { OperatorKubeconfigs, type OperatorState } from './operator/operator-kubeconfigs.ts';
import { serversOfCluster } from './operator/operator-servers.ts';
import { learnOperator } from './operator/operator-words.ts';
import { refusal } from './refusal.ts';
import { Registrations } from './registrations.ts';
import { notRegistered, unknownCluster } from './unknown-cluster.ts';
import { ambiguous, profileOf, requireHarmless, unknownName } from './untrusted-config.ts';

/** Certificate authority and identity are compared. */
const COMPARED_WHOLE = { authority: true, identity: true } as const;

/** A model's request to register a cluster. */
export interface ClusterRegistration {
  /** The text or the path of a kubeconfig. Absent: the files of the operator. */
  readonly kubeconfig?: string | undefined;
  readonly clusterId?: string | undefined;
  readonly context?: string | undefined;
}

/** Whose request it is. */
export interface Caller {
  /** What the model of the session may be shown. */
  readonly words: KnownWords;
  /** Aborted: the model does not get the answer, so its cluster must not stay registered. */
  readonly signal?: AbortSignal | undefined;
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
  readonly #operatorWords = new KnownWords();
  /** What the operator and AWS say. Models may be shown it. */
  readonly words: KnownWords = new KnownWords(this.#operatorWords);
  readonly #registrations: Registrations;
  readonly #operator: OperatorKubeconfigs;
  #learned: readonly string[] = [];
  #closed = false;

  constructor(options: MCPOptions) {
    const { env, now, logger, cache } = options;
    this.#options = checkedOptions(options);
    this.host = hostFrom(options);
    this.#decide = decider(this.host);
    this.#operator = new OperatorKubeconfigs(options.trustedKubeconfigs ?? [], this.host);
    this.#ownsRegistry = options.registry === undefined;
    this.#registry =
      options.registry ??
      new ClusterRegistry({
        ...(env && { env }),
        ...(now && { now }),
        ...(logger && { logger }),
        ...(cache !== undefined && { cache }),
      });
    this.#registrations = new Registrations(this.#registry);
  }

  /** @throws EKSAuthError */
  async register(request: ClusterRegistration, { words, signal }: Caller): Promise<Cluster> {
    const { text, selected } = await this.#choose(request);
    const config = requireEKSUser(selected);
    requireHarmless(selected, config);
    const id = request.clusterId ?? defaultClusterId(selected, config, 'string');
    const server = canonicalServer(selected.cluster.server);
    const wanted = { id, context: selected.context.name, server, config };
    for (const cluster of this.#registry.list()) this.#learnOwn(cluster);
    const isShown = (name: string): boolean => words.has(name);
    return this.#registrations.register(wanted, isShown, async () => {
      const cluster = await this.#registerAs(id, { text, selected }, config);
      const isUsable = words.has(id);
      if (this.#closed || !isUsable || signal?.aborted) await this.#registry.unregister(id);
      if (!isUsable) throw unknownName();
      return cluster;
    });
  }

  /** The context that a request names, with a text that has it. */
  async #choose({ kubeconfig, context }: ClusterRegistration): Promise<Chosen> {
    if (kubeconfig === undefined) {
      const found = chooseContext(await this.#operator.read(), context);
      return { text: found.text(), selected: found.selected };
    }
    const { roots = [], trustedKubeconfigs = [] } = this.#options;
    const text = isPath(kubeconfig)
      ? await readOpenFile(kubeconfig.trim(), { roots, files: trustedKubeconfigs }, this.host.env)
      : kubeconfig;
    return chosenInText(text, context);
  }

  /** Reads the files of the operator, once for a call, and learns what they and the options say now. */
  async readOperator(): Promise<OperatorState> {
    const state = await this.#operator.read();
    for (const text of state.texts) if (!this.#learned.includes(text)) this.#operatorWords.learn(text);
    this.#learned = state.texts;
    await learnOperator(this.words, this.#options, this.host);
    return state;
  }

  /** What the files of the operator said when they were read last. */
  get operator(): OperatorState {
    return this.#operator.state;
  }

  async #registerAs(id: string, { text, selected }: Chosen, config: EKSAuthConfig): Promise<Cluster> {
    const { trustedServers = [], describeClusters = true } = this.#options;
    const { all } = await this.#operator.read();
    const ownServers = await serversOfCluster(all, config, this.#decide);
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
    throw unknownCluster(id, this.list(), this.operator.contexts);
  }

  /** @throws EKSAuthError INVALID_CONFIG for a cluster that was not registered through the tools */
  async unregister(id: string): Promise<void> {
    const cluster = this.#registry.get(id);
    if (cluster?.eksAuth === undefined) {
      const others = this.list().filter((one) => this.#registrations.has(one));
      throw notRegistered(
        id,
        others.map((one) => one.id),
      );
    }
    if (!this.#registrations.has(cluster)) {
      throw refusal(
        'INVALID_CONFIG',
        sentence`Cluster ${id} belongs to the operator of this server.`,
        own('Leave it: only clusters registered with register_eks_cluster can be unregistered.'),
      );
    }
    await this.#registrations.remove(cluster);
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#ownsRegistry) return this.#registry.close();
    await this.#registrations.removeAll();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** The names of a cluster that the operator has registered. */
  #learnOwn(cluster: Cluster): void {
    const { id, context, server, eksAuth } = cluster;
    if (this.#registrations.has(cluster) || eksAuth === undefined) return;
    const { clusterName, clusterId, region, roleArn } = eksAuth;
    this.words.learn([id, context, server, clusterName, clusterId, region, roleArn, profileOf(eksAuth)]);
  }
}
