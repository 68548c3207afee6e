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
  Log,
  Metrics,
  ObjectCache,
  PortForward,
  Watch,
} from '@kubernetes/client-node';
import type { EKSAuthConfig } from '../../aws/stanza/eks-auth-config.ts';
import type { TokenRequestOptions } from '../../aws/token/auth-provider.ts';
import type { Token } from '../../aws/token/token.ts';
import type { TokenManager } from '../../aws/token/token-manager.ts';
import { TOKEN_REQUEST_SCHEMA } from '../../aws/token/token-schemas.ts';
import { checkArgument, checkOptions } from '../../options/check-options.ts';
import { CALLABLE, FLAG } from '../../options/checks.ts';
import { unlessAborted } from '../../system/unless-aborted.ts';
import { callWithLimits } from '../requests/call-limits.ts';
import type { ConnectionLimits } from '../transport/limits.ts';
import { LIMITS_SCHEMA } from '../transport/limits-schema.ts';
import { writeKubeconfigOf } from '../written/write-kubeconfig.ts';
import type { WriteKubeconfigOptions } from '../written/write-options.ts';
import { API_CLASS, API_PATH } from './cluster-checks.ts';
import { ClusterCore } from './cluster-core.ts';
import { fetchFromCluster } from './cluster-fetch.ts';
import type { ClusterParts } from './cluster-parts.ts';
import { makeCp } from './copy-files.ts';
import { type ClusterFetchOptions, readFetchRequest } from './fetch-request.ts';
import { makeHealingInformer } from './informer.ts';
import { type InformerList, type InformerOptions, readInformerOptions } from './list-pages.ts';
import { makeAttach, makeExec, makeLog, makePortForward } from './pod-clients.ts';
import { makeSafeWatch } from './safe-watch.ts';
import { makeHealth, makeMetrics } from './status-clients.ts';

/** A cluster whose user is certain to be an EKS user, as the EKS register methods require it. */
export interface EKSCluster extends Cluster {
  /** The current EKS config of the user. */
  readonly eksAuth: EKSAuthConfig;
  /** Holds the tokens. Replaced when the identity changes. */
  readonly tokenManager: TokenManager;
}

/**
 * A registered cluster with clients that get their tokens in-process. Made by a {@link ClusterRegistry}.
 * @example
 * ```ts
 * import { CoreV1Api } from '@kubernetes/client-node';
 * import { type Cluster, ClusterRegistry } from 'ekspress';
 *
 * await using registry = new ClusterRegistry();
 * const cluster: Cluster = await registry.registerByPath();
 * console.log((await cluster.makeApiClient(CoreV1Api).listPodForAllNamespaces()).items.length);
 * ```
 */
export class Cluster {
  /** The id in the registry. */
  readonly id: string;
  /** The name of the context in the kubeconfig. */
  readonly context: string;
  readonly #parts: Pick<ClusterParts, 'clientNode' | 'onWatchFailed'>;
  readonly #core: ClusterCore;

  /** @internal */
  constructor(parts: ClusterParts) {
    this.id = parts.id;
    this.context = parts.selected.context.name;
    this.#parts = parts;
    this.#core = new ClusterCore(parts);
  }

  /** @internal */
  get core(): ClusterCore {
    return this.#core;
  }

  /** The URL of the API server in the kubeconfig. It may change with the kubeconfig. */
  get server(): string {
    return this.#core.selected.cluster.server;
  }

  /** The current EKS config of the user; undefined where the user is not an EKS user. */
  get eksAuth(): EKSAuthConfig | undefined {
    return this.#core.auth.eks?.config;
  }

  /** Holds the tokens; undefined where the user is not an EKS user. Replaced when the identity changes. */
  get tokenManager(): TokenManager | undefined {
    return this.#core.auth.eks?.tokens;
  }

  /** Whether the user is an EKS user, for example among the results of `registerAll`. */
  isEKS(): this is EKSCluster {
    return this.#core.auth.eks !== undefined;
  }

  /**
   * A KubeConfig with this cluster only, for parts of client-node that have no method here, such as
   * `KubernetesObjectApi.makeApiClient`. Do not write it to a file: its user works in this process only.
   */
  get kubeConfig(): KubeConfig {
    return this.#core.kubeConfig;
  }

  /** A client for one API group, for example `CoreV1Api`. A refused token is replaced and the request sent again. */
  makeApiClient<T extends ApiType>(apiClientType: ApiConstructor<T>): T {
    checkArgument('cluster.makeApiClient', 'apiClientType', apiClientType, API_CLASS);
    return this.kubeConfig.makeApiClient(apiClientType);
  }

  /** A watch that reports every failure, including failed authentication, to its `done` callback. */
  makeWatch(): Watch {
    return makeSafeWatch(this.#core.clients);
  }

  /** @deprecated The old name of {@link Cluster.makeWatch}. */
  watch(): Watch {
    return this.makeWatch();
  }

  /**
   * An informer that recovers by itself. When it cannot list or watch (no credentials, a refused token, no network) it
   * emits 'error', pauses and tries again. client-node's own informers stop, or end the process. When the cluster is
   * unregistered or its registry closed, the informer stops without an error.
   * @param path the path of the list, for example `/api/v1/namespaces/default/pods`
   * @param list lists the same path; gets the selectors, and with `limit` the place of each page
   * @param options selectors and the length of pages, or a label selector
   */
  makeInformer<T extends KubernetesObject>(
    path: string,
    list: InformerList<T>,
    options: InformerOptions | string = {},
  ): Informer<T> & ObjectCache<T> {
    checkArgument('cluster.makeInformer', 'path', path, API_PATH);
    checkArgument('cluster.makeInformer', 'list', list, CALLABLE);
    const { clientNode, onWatchFailed } = this.#parts;
    return makeHealingInformer<T>({
      ...{ clientNode, path, list, options: readInformerOptions(options), watch: this.makeWatch() },
      ...{ place: () => this.#core.place, closing: this.#core.closing, failed: onWatchFailed },
    });
  }

  /** Reads logs of pods. A refused token is replaced before the first byte. */
  makeLog(): Log {
    return makeLog(this.#core.clients);
  }

  /** Runs commands in containers. A refused token is replaced before the command starts. */
  makeExec(): Exec {
    return makeExec(this.#core.clients);
  }

  /** Attaches to running containers. A refused token is replaced. */
  makeAttach(): Attach {
    return makeAttach(this.#core.clients);
  }

  /** Forwards ports of pods. A refused token is replaced. */
  makePortForward(disconnectOnError?: boolean): PortForward {
    if (disconnectOnError !== undefined)
      checkArgument('cluster.makePortForward', 'disconnectOnError', disconnectOnError, FLAG);
    return makePortForward(this.#core.clients, disconnectOnError);
  }

  /** Copies files from and to pods. Its promises settle when the copy ends. A refused token is replaced. */
  makeCp(): Cp {
    return makeCp(this.#core.clients);
  }

  /** Reads resource usage from the metrics server. A refused token is replaced. */
  makeMetrics(): Metrics {
    return makeMetrics(this.#core.clients);
  }

  /** Checks the health of the API server. A refused token is replaced; TOKEN_REJECTED is an error, not `false`. */
  makeHealth(): Health {
    return makeHealth(this.#core.clients);
  }

  /**
   * Asks the API server for a path, like the global `fetch`. It goes to the server of the cluster and nowhere else: a
   * redirect is an answer, which the caller may follow. A refused token is replaced and the request sent again, unless
   * its body is a stream; then the refusal (401) is the answer, and the next request has another token.
   * @param path path and query, such as `/version` or `/api/v1/namespaces?limit=10`; not a URL
   * @returns the answer, whatever its status
   * @throws EKSAuthError INVALID_CONFIG for a path that leads elsewhere and for the headers `Authorization`, `Host`,
   * `Cookie` and `Impersonate-*`; TOKEN_REJECTED, TIMEOUT, or the reason why there is no token
   * @example
   * ```ts
   * import { ClusterRegistry } from 'ekspress';
   *
   * await using registry = new ClusterRegistry();
   * console.log((await (await registry.registerByPath()).fetch('/version')).status);
   * ```
   */
  async fetch(path: string, options: ClusterFetchOptions = {}): Promise<Response> {
    const request = await readFetchRequest(path, options, this.server);
    return unlessAborted(fetchFromCluster(this.#core.clients, request), request.signal);
  }

  /**
   * Writes a kubeconfig for programs that the service starts, such as helm, kubectl and terraform. It holds no token: the exec
   * plugin of ekspress gets one as the identity of the cluster, also where no `aws` is installed. Users of other kinds stay as
   * their kubeconfig has them. The file has mode 0600; a link is not followed. Later changes of the cluster's own kubeconfig are
   * not written to it.
   *
   * A program that reads it must have the environment of the registry: the credentials that it names are found there.
   * @param path of the new file, in a folder that exists
   * @returns the absolute path
   * @throws EKSAuthError INVALID_CONFIG where the file exists or cannot be written, and where the tokens are made with
   * `credentials` of the caller, which no kubeconfig can name, unless `token` is given
   * @example
   * ```ts
   * import { ClusterRegistry } from 'ekspress';
   *
   * await using registry = new ClusterRegistry();
   * const cluster = await registry.registerEKSByPath();
   * const path = await cluster.writeKubeconfig(`${process.env.HOME}/.kube/helm.yaml`, { replace: true });
   * console.log(path); // spawn('helm', words, { env: { ...process.env, KUBECONFIG: path } })
   * ```
   */
  async writeKubeconfig(path: string, options: WriteKubeconfigOptions = {}): Promise<string> {
    return writeKubeconfigOf(this.#core, path, options);
  }

  /**
   * Runs a call with other limits than those of the cluster, for example
   * `cluster.withLimits({ firstByteMs: 300_000 }, () => api.listPodForAllNamespaces())`.
   */
  withLimits<T>(limits: ConnectionLimits, call: () => T): T {
    checkOptions('cluster.withLimits', limits, LIMITS_SCHEMA);
    checkArgument('cluster.withLimits', 'call', call, CALLABLE);
    return callWithLimits(limits, call);
  }

  /**
   * The bearer token, for other HTTP clients.
   * @throws EKSAuthError NOT_EKS where the user is not an EKS user; else as {@link TokenManager.getValidToken}
   */
  async getToken(options: TokenRequestOptions = {}): Promise<Token> {
    checkOptions('cluster.getToken', options, TOKEN_REQUEST_SCHEMA);
    return this.#core.getToken(options);
  }
}
