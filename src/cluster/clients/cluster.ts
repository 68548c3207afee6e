import type {
  ApiConstructor,
  ApiType,
  Attach,
  Cp,
  Exec,
  Health,
  Informer,
  KubeConfig,
  KubernetesObject,
  ListPromise,
  Log,
  Metrics,
  ObjectCache,
  PortForward,
  Watch,
} from '@kubernetes/client-node';
import type { EKSAuthConfig } from '../../aws/stanza/eks-auth-config.ts';
import type { Token } from '../../aws/token/token.ts';
import type { TokenManager } from '../../aws/token/token-manager.ts';
import type { TokenRequestOptions } from '../../aws/token/token-provider.ts';
import type { SelectedContext } from '../../kubeconfig/read/select-context.ts';
import { callWithLimits } from '../requests/call-limits.ts';
import type { Changes } from '../requests/changes.ts';
import { ClusterAuth } from '../requests/cluster-auth.ts';
import type { RequestIdentity } from '../requests/request-identity.ts';
import type { ConnectionLimits, Limits } from '../transport/limits.ts';
import type { ClientNode } from './client-node.ts';
import type { ChangingSource, ClusterParts } from './cluster-parts.ts';
import { makeHealingInformer } from './informer.ts';
import { type OpenedCluster, openCluster } from './open-cluster.ts';
import { OpenStreams } from './open-streams.ts';
import { fillKubeConfig } from './plain-kube-config.ts';
import { type ClientParts, makeAttach, makeCp, makeExec, makeLog, makePortForward } from './pod-clients.ts';
import { unregistered } from './registry-errors.ts';
import { makeSafeWatch } from './safe-watch.ts';
import { makeHealth, makeMetrics } from './status-clients.ts';

/** A registered cluster with clients that get their tokens in-process. Made by a {@link ClusterRegistry}. */
export class Cluster {
  /** The id in the registry. */
  readonly id: string;
  /** The name of the context in the kubeconfig. */
  readonly context: string;
  readonly #clientNode: ClientNode;
  readonly #auth: ClusterAuth;
  readonly #env: ClusterParts['env'];
  readonly #limits: Limits;
  readonly #onWatchFailed: ClusterParts['onWatchFailed'];
  readonly #streams = new OpenStreams();
  #closed = false;
  #opened: OpenedCluster | undefined;
  #selected: SelectedContext;
  #changed = 0;
  readonly #changes: Changes = {
    count: () => this.#changed,
    since: async (count) => {
      if (!this.#closed && this.#changed === count) await this.#source?.catchUp();
      return this.#changed !== count;
    },
  };
  /** The number of moves to another server. Each server has its own resource versions. */
  #place = 0;
  #source: ChangingSource | undefined;

  /** @internal */
  constructor({ id, selected, clientNode, env, limits, onWatchFailed, onRefused, identity }: ClusterParts) {
    this.id = id;
    this.context = selected.context.name;
    this.#selected = selected;
    this.#clientNode = clientNode;
    this.#env = env;
    this.#limits = limits;
    this.#onWatchFailed = onWatchFailed;
    this.#auth = new ClusterAuth(id, identity, onRefused);
  }

  /** The URL of the API server in the kubeconfig. It may change with the kubeconfig. */
  get server(): string {
    return this.#selected.cluster.server;
  }

  /** The current EKS config of the user; undefined where the user is not an EKS user. */
  get eksAuth(): EKSAuthConfig | undefined {
    return this.#auth.eks?.config;
  }

  /** Holds the tokens; undefined where the user is not an EKS user. Replaced when the identity changes. */
  get tokenManager(): TokenManager | undefined {
    return this.#auth.eks?.tokens;
  }

  /**
   * A KubeConfig with this cluster only, for parts of client-node that have no method here, such as
   * `KubernetesObjectApi.makeApiClient`. Do not write it to a file: its user works in this process only.
   */
  get kubeConfig(): KubeConfig {
    return (this.#opened ?? this.#open()).kubeConfig;
  }

  /** A client for one API group, for example `CoreV1Api`. A refused token is replaced and the request sent again. */
  makeApiClient<T extends ApiType>(apiClientType: ApiConstructor<T>): T {
    return this.kubeConfig.makeApiClient(apiClientType);
  }

  /** A watch that reports every failure, including failed authentication, to its `done` callback. */
  makeWatch(): Watch {
    return makeSafeWatch(this.#parts);
  }

  /** @deprecated The old name of {@link Cluster.makeWatch}. */
  watch(): Watch {
    return this.makeWatch();
  }

  /**
   * An informer that recovers by itself. When it cannot list or watch (no credentials, a refused token, no network) it
   * emits 'error', pauses and tries again. client-node's own informers stop, or end the process.
   * @param path the path of the list, for example `/api/v1/namespaces/default/pods`
   * @param list lists the same path
   */
  makeInformer<T extends KubernetesObject>(
    path: string,
    list: ListPromise<T>,
    labelSelector?: string,
  ): Informer<T> & ObjectCache<T> {
    return makeHealingInformer<T>({
      ...{ clientNode: this.#clientNode, path, list, labelSelector, watch: this.makeWatch() },
      ...{ place: () => this.#place, closing: this.#streams.closing, failed: this.#onWatchFailed },
    });
  }

  /** Reads logs of pods. A refused token is replaced before the first byte. */
  makeLog(): Log {
    return makeLog(this.#parts);
  }

  /** Runs commands in containers. A refused token is replaced before the command starts. */
  makeExec(): Exec {
    return makeExec(this.#parts);
  }

  /** Attaches to running containers. A refused token is replaced. */
  makeAttach(): Attach {
    return makeAttach(this.#parts);
  }

  /** Forwards ports of pods. A refused token is replaced. */
  makePortForward(disconnectOnError?: boolean): PortForward {
    return makePortForward(this.#parts, disconnectOnError);
  }

  /** Copies files from and to pods. Its promises settle when the copy ends. A refused token is replaced. */
  makeCp(): Cp {
    return makeCp(this.#parts);
  }

  /** Reads resource usage from the metrics server. A refused token is replaced. */
  makeMetrics(): Metrics {
    return makeMetrics(this.#parts);
  }

  /** Checks the health of the API server. A refused token is replaced; TOKEN_REJECTED is an error, not `false`. */
  makeHealth(): Health {
    return makeHealth(this.#parts);
  }

  /**
   * Runs a call with other limits than those of the cluster, for example
   * `cluster.withLimits({ firstByteMs: 300_000 }, () => api.listPodForAllNamespaces())`.
   */
  withLimits<T>(limits: ConnectionLimits, call: () => T): T {
    return callWithLimits(limits, call);
  }

  /**
   * The bearer token, for other HTTP clients.
   * @throws EKSAuthError; NOT_EKS where the user is not an EKS user
   */
  async getToken(options: TokenRequestOptions = {}): Promise<Token> {
    void this.#source?.refresh();
    const count = this.#changed;
    try {
      return await this.#auth.getToken(options);
    } catch (error) {
      if (await this.#changes.since(count)) return this.#auth.getToken(options);
      throw error;
    }
  }

  /** @internal */
  get identity(): RequestIdentity | undefined {
    return this.#auth.identity;
  }

  /** @internal The context when the kubeconfig was last read, without the stanza of an EKS user. */
  get selected(): SelectedContext {
    return this.#selected;
  }

  /** @internal */
  follow(source: ChangingSource): void {
    this.#source = source;
  }

  /**
   * @internal Applies a change of the kubeconfig. Requests in progress keep their server and identity. Watches end if
   * either has changed; informers then continue with the new ones.
   */
  change(selected: SelectedContext, identity: RequestIdentity | undefined): void {
    if (this.#closed) return;
    const moved = selected.cluster.server !== this.#selected.cluster.server;
    const other = identity !== this.#auth.identity;
    this.#selected = selected;
    if (other) this.#auth.replaceIdentity(identity);
    this.#changed += 1;
    if (moved) this.#place += 1;
    if (this.#opened) fillKubeConfig(this.#opened.kubeConfig, selected, this.#auth.mark);
    if (moved || other) this.#streams.endWatches();
  }

  /** @internal Ends timers, watches and connections. Informers emit a last 'error'; clients fail from now on. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#source?.leave();
    this.#auth.close(() => unregistered(this.id));
    this.#streams.close();
    await this.#opened?.closeConnections();
  }

  get #parts(): ClientParts {
    const [clientNode, kubeConfig, auth] = [this.#clientNode, this.kubeConfig, this.#auth];
    return { clientNode, kubeConfig, auth, changes: this.#changes, streams: this.#streams, limits: this.#limits };
  }

  #open(): OpenedCluster {
    this.#opened = openCluster({
      clientNode: this.#clientNode,
      env: this.#env,
      auth: this.#auth,
      selected: () => this.#selected,
      changes: this.#changes,
      look: () => void this.#source?.refresh(),
      limits: this.#limits,
      silent: () => this.#streams.doubtWatches(),
    });
    return this.#opened;
  }
}
