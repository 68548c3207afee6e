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
import { EKSAuthError } from '../errors.ts';
import type { Environment } from '../host.ts';
import { shown } from '../kubeconfig/nearest-names.ts';
import type { SelectedContext } from '../kubeconfig/select-context.ts';
import type { ClientNode } from './client-node.ts';
import { ClusterAuth } from './cluster-auth.ts';
import { environmentProxy } from './environment-proxy.ts';
import { healRequests } from './heal-requests.ts';
import { makeHealingInformer } from './informer.ts';
import { plainKubeConfig } from './plain-kube-config.ts';
import { type ClientParts, makeAttach, makeCp, makeExec, makeLog, makePortForward } from './pod-clients.ts';
import { reuseConnections } from './reuse-connections.ts';
import { makeSafeWatch } from './safe-watch.ts';
import { makeHealth, makeMetrics } from './status-clients.ts';

/** What a cluster is made of. */
export interface ClusterParts {
  readonly id: string;
  readonly selected: SelectedContext;
  readonly clientNode: ClientNode;
  /** Where proxies are looked up. */
  readonly env: Environment;
  /** Told of each failure of an informer. */
  readonly onWatchFailed: (error: unknown, retryInMs: number | undefined) => void;
  /** Absent for users of other kinds, who keep their standard authentication. */
  readonly eks?:
    | {
        readonly config: EKSAuthConfig;
        readonly tokens: TokenManager;
        /** Told of each request whose token was refused. */
        readonly onRefused: (healed: boolean) => void;
      }
    | undefined;
}

/** The KubeConfig of a cluster that is in use, and how to end what has come out of it. */
interface OpenedCluster {
  readonly kubeConfig: KubeConfig;
  readonly closeConnections: () => Promise<void>;
}

/** One registered cluster, with clients that get their tokens in-process. Comes from a {@link ClusterRegistry}. */
export class Cluster {
  /** What it is called in the registry. */
  readonly id: string;
  /** Name of the context in the kubeconfig. */
  readonly context: string;
  /** URL of the API server. */
  readonly server: string;
  /** How the user authenticates to EKS; undefined for users of other kinds. */
  readonly eksAuth: EKSAuthConfig | undefined;
  /** The tokens; undefined for users of other kinds. */
  readonly tokenManager: TokenManager | undefined;
  readonly #selected: SelectedContext;
  readonly #clientNode: ClientNode;
  readonly #auth: ClusterAuth | undefined;
  readonly #env: Environment;
  readonly #onWatchFailed: ClusterParts['onWatchFailed'];
  readonly #watches = new Set<AbortController>();
  /** Made for the first informer: most clusters of a fleet have none. */
  #closing: AbortController | undefined;
  #closed = false;
  #opened: OpenedCluster | undefined;

  /** @internal */
  constructor({ id, selected, clientNode, env, onWatchFailed, eks }: ClusterParts) {
    this.id = id;
    this.context = selected.context.name;
    this.server = selected.cluster.server;
    this.eksAuth = eks?.config;
    this.tokenManager = eks?.tokens;
    this.#selected = selected;
    this.#clientNode = clientNode;
    this.#env = env;
    this.#onWatchFailed = onWatchFailed;
    this.#auth = eks && new ClusterAuth(id, eks.config, eks.tokens, eks.onRefused);
  }

  /**
   * A KubeConfig that holds this cluster alone; hand it to whatever of client-node has no form here, and to
   * `KubernetesObjectApi.makeApiClient`. Don't export it: its user means something to this process only.
   */
  get kubeConfig(): KubeConfig {
    this.#opened ??= this.#open();
    return this.#opened.kubeConfig;
  }

  /** A client for one API group, for example `CoreV1Api`. A refused token is replaced once, and the request sent again. */
  makeApiClient<T extends ApiType>(apiClientType: ApiConstructor<T>): T {
    return this.kubeConfig.makeApiClient(apiClientType);
  }

  /** A watch whose failures, those to authenticate included, all reach its `done` callback. */
  watch(): Watch {
    return makeSafeWatch(this.#clientNode, this.kubeConfig, this.#auth, (controller) => {
      if (this.#closed) return controller.abort();
      this.#watches.add(controller);
      controller.signal.addEventListener('abort', () => this.#watches.delete(controller), { once: true });
    });
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
    if (this.#auth !== undefined) return this.#auth.getToken(options);
    throw new EKSAuthError('NOT_EKS', `The user of cluster ${shown(this.id)} does not authenticate through AWS.`, {
      remedy: 'Use its kubeConfig, which carries the authentication of the kubeconfig.',
    });
  }

  /** @internal Ends timers, watches and connections; informers emit a last 'error'. Clients that are still held fail. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#auth?.close();
    this.tokenManager?.stop();
    this.#closing?.abort();
    for (const controller of [...this.#watches]) controller.abort();
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
    return { clientNode: this.#clientNode, kubeConfig: this.kubeConfig, auth: this.#auth };
  }

  #open(): OpenedCluster {
    const kubeConfig = plainKubeConfig(this.#clientNode, this.#selected, this.#auth?.mark);
    const { server, proxyUrl } = this.#selected.cluster;
    const proxyOf = () => proxyUrl ?? environmentProxy(server, this.#env);
    const closeConnections = reuseConnections(this.#clientNode, kubeConfig, proxyOf);
    if (this.#auth !== undefined) {
      kubeConfig.addAuthenticator(this.#auth);
      healRequests(kubeConfig, this.#auth);
    }
    return { kubeConfig, closeConnections };
  }
}
