import { setMaxListeners } from 'node:events';
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
import type { EKSAuthConfig } from '../aws/eks-auth-config.ts';
import type { Token } from '../aws/token.ts';
import type { TokenManager } from '../aws/token-manager.ts';
import type { TokenRequestOptions } from '../aws/token-provider.ts';
import type { SelectedContext } from '../kubeconfig/select-context.ts';
import type { Changes } from './changes.ts';
import type { ClientNode } from './client-node.ts';
import { ClusterAuth } from './cluster-auth.ts';
import type { ChangingSource, ClusterParts } from './cluster-parts.ts';
import type { EKSIdentity } from './eks-identity.ts';
import { makeHealingInformer } from './informer.ts';
import { type OpenedCluster, openCluster } from './open-cluster.ts';
import { OpenStreams } from './open-streams.ts';
import { fillKubeConfig } from './plain-kube-config.ts';
import { type ClientParts, makeAttach, makeCp, makeExec, makeLog, makePortForward } from './pod-clients.ts';
import { unregistered } from './registry-errors.ts';
import { makeSafeWatch } from './safe-watch.ts';
import { makeHealth, makeMetrics } from './status-clients.ts';

/** One registered cluster, with clients that get their tokens in-process. Comes from a {@link ClusterRegistry}. */
export class Cluster {
  /** What it is called in the registry. */
  readonly id: string;
  /** Name of the context in the kubeconfig. */
  readonly context: string;
  readonly #clientNode: ClientNode;
  readonly #auth: ClusterAuth;
  readonly #env: ClusterParts['env'];
  readonly #onWatchFailed: ClusterParts['onWatchFailed'];
  readonly #streams = new OpenStreams();
  /** Made for the first informer: most clusters of a fleet have none. */
  #closing: AbortController | undefined;
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
  /** Counts the changes after which versions of objects are other ones. */
  #place = 0;
  #source: ChangingSource | undefined;

  /** @internal */
  constructor({ id, selected, clientNode, env, onWatchFailed, onRefused, eks }: ClusterParts) {
    this.id = id;
    this.context = selected.context.name;
    this.#selected = selected;
    this.#clientNode = clientNode;
    this.#env = env;
    this.#onWatchFailed = onWatchFailed;
    this.#auth = new ClusterAuth(id, eks, onRefused);
  }

  /** URL of the API server, as the kubeconfig names it now. */
  get server(): string {
    return this.#selected.cluster.server;
  }

  /** How the user authenticates to EKS now; undefined for users of other kinds. */
  get eksAuth(): EKSAuthConfig | undefined {
    return this.#auth.identity?.config;
  }

  /** The tokens; undefined for users of other kinds. Another one where the kubeconfig has come to name another identity. */
  get tokenManager(): TokenManager | undefined {
    return this.#auth.identity?.tokens;
  }

  /**
   * A KubeConfig that holds this cluster alone; hand it to whatever of client-node has no form here, and to
   * `KubernetesObjectApi.makeApiClient`. Don't export it: its user means something to this process only.
   */
  get kubeConfig(): KubeConfig {
    return (this.#opened ?? this.#open()).kubeConfig;
  }

  /** A client for one API group, for example `CoreV1Api`. A refused token is replaced once, and the request sent again. */
  makeApiClient<T extends ApiType>(apiClientType: ApiConstructor<T>): T {
    return this.kubeConfig.makeApiClient(apiClientType);
  }

  /** A watch whose failures, those to authenticate included, all reach its `done` callback. */
  watch(): Watch {
    return makeSafeWatch(this.#parts, () => this.#streams.watching());
  }

  /**
   * An informer that comes back by itself: when it cannot list or watch (no credentials, a refused token, no network) it
   * emits 'error', pauses and tries again, where client-node's own would stop, or end the process.
   * @param path of the list, for example `/api/v1/namespaces/default/pods`
   * @param list lists the same path
   */
  makeInformer<T extends KubernetesObject>(
    path: string,
    list: ListPromise<T>,
    labelSelector?: string,
  ): Informer<T> & ObjectCache<T> {
    return makeHealingInformer<T>({
      clientNode: this.#clientNode,
      path,
      list,
      labelSelector,
      watch: this.watch(),
      place: () => this.#place,
      closing: this.#closingSignal(),
      failed: this.#onWatchFailed,
    });
  }

  /** Logs of pods. A refused token is replaced before the first byte. */
  makeLog(): Log {
    return makeLog(this.#parts);
  }

  /** Commands in containers. A refused token is replaced before the command starts. */
  makeExec(): Exec {
    return makeExec(this.#parts);
  }

  /** Terminals of running containers. A refused token is replaced. */
  makeAttach(): Attach {
    return makeAttach(this.#parts);
  }

  /** Ports of pods. A refused token is replaced. */
  makePortForward(disconnectOnError?: boolean): PortForward {
    return makePortForward(this.#parts, disconnectOnError);
  }

  /** Files from and to pods; its promises end when the copy does, and fail with it. A refused token is replaced. */
  makeCp(): Cp {
    return makeCp(this.#parts);
  }

  /** Resource usage. A refused token is replaced. */
  makeMetrics(): Metrics {
    return makeMetrics(this.#parts);
  }

  /** Whether the API server is well. A refused token is replaced, and TOKEN_REJECTED is no answer about its health. */
  makeHealth(): Health {
    return makeHealth(this.#parts);
  }

  /**
   * The bearer token, for whatever speaks to the API server by other means.
   * @throws EKSAuthError; NOT_EKS for users of other kinds
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
  get identity(): EKSIdentity | undefined {
    return this.#auth.identity;
  }

  /** @internal What the kubeconfig said when it was read last, the stanza of an EKS user left out. */
  get selected(): SelectedContext {
    return this.#selected;
  }

  /** @internal */
  follow(source: ChangingSource): void {
    this.#source = source;
  }

  /**
   * @internal From now on this is the cluster. Requests that are under way end as they began; watches of another server or
   * another identity end, and informers go on with the new one.
   */
  change(selected: SelectedContext, eks: EKSIdentity | undefined): void {
    if (this.#closed) return;
    const moved = selected.cluster.server !== this.#selected.cluster.server;
    const other = eks !== this.#auth.identity;
    this.#selected = selected;
    if (other) this.#auth.become(eks);
    this.#changed += 1;
    if (moved) this.#place += 1;
    if (this.#opened) fillKubeConfig(this.#opened.kubeConfig, selected, this.#auth.mark);
    if (moved || other) this.#streams.endWatches();
  }

  /** @internal Ends timers, watches and connections; informers emit a last 'error'. Clients that are still held fail. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#source?.leave();
    this.#auth.close(() => unregistered(this.id));
    this.#closing?.abort();
    this.#streams.close();
    await this.#opened?.closeConnections();
  }

  #closingSignal(): AbortSignal {
    if (this.#closing === undefined) {
      this.#closing = new AbortController();
      // As many informers as anybody likes.
      setMaxListeners(0, this.#closing.signal);
      if (this.#closed) this.#closing.abort();
    }
    return this.#closing.signal;
  }

  get #parts(): ClientParts {
    const [clientNode, kubeConfig, auth] = [this.#clientNode, this.kubeConfig, this.#auth];
    return { clientNode, kubeConfig, auth, changes: this.#changes, streams: this.#streams };
  }

  #open(): OpenedCluster {
    this.#opened = openCluster({
      clientNode: this.#clientNode,
      env: this.#env,
      auth: this.#auth,
      selected: () => this.#selected,
      changes: this.#changes,
      look: () => void this.#source?.refresh(),
    });
    return this.#opened;
  }
}
