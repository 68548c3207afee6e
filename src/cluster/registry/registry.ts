import { checkOptions } from '../../options/check-options.ts';
import type { Cluster, EKSCluster } from '../clients/cluster.ts';
import { notRegistered, requireId, requireIdOf, unregistered } from '../clients/registry-errors.ts';
import type { ClusterSource, FollowedSource } from '../discovery/cluster-source.ts';
import type { AWSClusterRequest } from './aws-cluster.ts';
import type {
  ClusterRegistryOptions,
  RegisterAllOptions,
  RegisterAllResult,
  RegisterAWSOptions,
  RegisterInClusterOptions,
  RegisterOptions,
} from './register-options.ts';
import {
  checkAWSArguments,
  REGISTER_ALL_SCHEMA,
  REGISTER_IN_CLUSTER_SCHEMA,
  REGISTER_SCHEMA,
  REGISTRY_SCHEMA,
} from './register-schemas.ts';
import { Registrar } from './registrar.ts';
import { checkListener, checkSource } from './registry-checks.ts';
import type { RegistryActivity, RegistryEvents } from './registry-events.ts';

/**
 * The clusters of a service. Registering reads and checks a kubeconfig; it mints no token and, by default, makes no
 * connection. One timer refreshes the tokens of all clusters in use and does not keep the process running.
 *
 * A kubeconfig from a path is trusted. A kubeconfig from a string is not: it may not run commands or read files, and
 * its EKS token goes only to servers in {@link TrustOptions.trustedServers}.
 * @example
 * ```ts
 * import { CoreV1Api } from '@kubernetes/client-node';
 * import { ClusterRegistry } from 'ekspress';
 *
 * await using registry = new ClusterRegistry();
 * registry.on('refreshFailed', ({ cluster, error }) => console.error(cluster.id, error.remedy));
 * const cluster = await registry.registerEKSByPath();
 * const { items } = await cluster.makeApiClient(CoreV1Api).listNamespace();
 * console.log(items.length);
 * ```
 */
export class ClusterRegistry implements AsyncDisposable {
  readonly #registrar: Registrar;

  /** @throws EKSAuthError INVALID_CONFIG for an option that does not exist, or a value of another type */
  constructor(options: ClusterRegistryOptions = {}) {
    checkOptions('ClusterRegistry', options, REGISTRY_SCHEMA);
    this.#registrar = new Registrar(options);
  }

  /**
   * Registers the cluster of a kubeconfig text. An EKS user gets in-process tokens; other users keep their standard
   * authentication.
   * @throws EKSAuthError INVALID_KUBECONFIG, SERVER_UNTRUSTED, EXEC_DENIED, INVALID_CONFIG, such as for an id that is taken; with
   * `trustedServers: 'describe-cluster'` also the errors of {@link ClusterRegistry.registerAWSCluster}
   */
  async registerByString(kubeconfig: string, options: RegisterOptions = {}): Promise<Cluster> {
    checkOptions('registerByString', options, REGISTER_SCHEMA);
    return this.#registrar.registerText(kubeconfig, { ...options, eksOnly: false });
  }

  /**
   * The same as {@link ClusterRegistry.registerByString} for a file.
   * @param path default: the `KUBECONFIG` list, merged as kubectl does, else `~/.kube/config`, else the service account
   * of the pod, as {@link ClusterRegistry.registerInCluster} registers it
   * @throws EKSAuthError INVALID_KUBECONFIG, INVALID_CONFIG, such as for an id that is taken
   */
  async registerByPath(path?: string, options: RegisterOptions = {}): Promise<Cluster> {
    checkOptions('registerByPath', options, REGISTER_SCHEMA);
    return this.#registrar.registerFile(path, { ...options, eksOnly: false });
  }

  /**
   * Registers the EKS cluster of a kubeconfig text.
   * @throws EKSAuthError NOT_EKS where the user is not an EKS user; else as {@link ClusterRegistry.registerByString}
   * @example
   * ```ts
   * import { readFile } from 'node:fs/promises';
   * import { ClusterRegistry } from 'ekspress';
   *
   * await using registry = new ClusterRegistry({ trustedServers: 'describe-cluster' });
   * const cluster = await registry.registerEKSByString(await readFile('prod.kubeconfig', 'utf8'));
   * console.log(cluster.id, cluster.eksAuth.region);
   * ```
   */
  async registerEKSByString(kubeconfig: string, options: RegisterOptions = {}): Promise<EKSCluster> {
    checkOptions('registerEKSByString', options, REGISTER_SCHEMA);
    return asEKS(await this.#registrar.registerText(kubeconfig, { ...options, eksOnly: true }));
  }

  /** The same as {@link ClusterRegistry.registerEKSByString} with the id as an argument. */
  async registerEKSByStringWithID(kubeconfig: string, id: string, options: RegisterOptions = {}): Promise<EKSCluster> {
    return this.registerEKSByString(kubeconfig, { ...options, id: requireId(id) });
  }

  /**
   * Registers the EKS cluster of a kubeconfig file.
   * @param path default: the `KUBECONFIG` list, merged as kubectl does, else `~/.kube/config`
   * @throws EKSAuthError NOT_EKS where the user is not an EKS user; else as {@link ClusterRegistry.registerByPath}
   */
  async registerEKSByPath(path?: string, options: RegisterOptions = {}): Promise<EKSCluster> {
    checkOptions('registerEKSByPath', options, REGISTER_SCHEMA);
    return asEKS(await this.#registrar.registerFile(path, { ...options, eksOnly: true }));
  }

  /** The same as {@link ClusterRegistry.registerEKSByPath} with the id as an argument. */
  async registerEKSByPathWithID(
    path: string | undefined,
    id: string,
    options: RegisterOptions = {},
  ): Promise<EKSCluster> {
    return this.registerEKSByPath(path, { ...options, id: requireId(id) });
  }

  /**
   * Registers a cluster without a kubeconfig. Its endpoint comes from DescribeCluster.
   * @throws EKSAuthError CLUSTER_NOT_FOUND, ACCESS_DENIED, NETWORK, or the reason why there are no credentials
   * @example
   * ```ts
   * import { ClusterRegistry } from 'ekspress';
   *
   * await using registry = new ClusterRegistry();
   * const cluster = await registry.registerAWSCluster({ clusterName: 'prod', region: 'us-east-1' });
   * console.log(cluster.id, cluster.server);
   * ```
   */
  async registerAWSCluster(request: AWSClusterRequest, options: RegisterAWSOptions = {}): Promise<EKSCluster> {
    checkAWSArguments(request, options);
    return asEKS(await this.#registrar.registerDescribed(request, options));
  }

  /**
   * Registers the cluster that this process runs in, with the service account of its pod. A replaced token file is read
   * again while the cluster is in use. The context is called `inClusterContext`, as in client-node.
   * @throws EKSAuthError INVALID_CONFIG where the process does not run in a pod, or the pod has no service account token
   */
  async registerInCluster(options: RegisterInClusterOptions = {}): Promise<Cluster> {
    checkOptions('registerInCluster', options, REGISTER_IN_CLUSTER_SCHEMA);
    return this.#registrar.registerServiceAccount(options);
  }

  /**
   * Registers every context of a kubeconfig. Contexts with the same ARN get their context names as ids. For what a user has
   * sent, call {@link ClusterRegistry.registerAllByString}: here a text of one line is a path.
   * @param pathOrText a text has several lines or begins with `{`, and is trusted as for {@link ClusterRegistry.registerByString}.
   * Default: as for {@link ClusterRegistry.registerByPath}
   * @throws EKSAuthError INVALID_KUBECONFIG where the kubeconfig cannot be read; errors of single contexts are in `failed`
   */
  async registerAll(pathOrText?: string, options: RegisterAllOptions = {}): Promise<RegisterAllResult> {
    checkOptions('registerAll', options, REGISTER_ALL_SCHEMA);
    return this.#registrar.registerAll(pathOrText, options);
  }

  /**
   * Registers every context of a kubeconfig text, and reads no file in its place. The text is trusted as for
   * {@link ClusterRegistry.registerByString}: EKS tokens go to `trustedServers` only. Other users may have any server: see `eksOnly`.
   * @throws EKSAuthError INVALID_CONFIG for a path, INVALID_KUBECONFIG; errors of single contexts are in `failed`
   */
  async registerAllByString(kubeconfig: string, options: RegisterAllOptions = {}): Promise<RegisterAllResult> {
    checkOptions('registerAllByString', options, REGISTER_ALL_SCHEMA);
    return this.#registrar.registerAllOfText(kubeconfig, options);
  }

  /**
   * Registers the clusters of a source, applies their changes and removes those that are gone, as long as the source is
   * followed. A cluster whose id is registered already by other means stays unchanged.
   */
  follow(source: ClusterSource): FollowedSource {
    checkSource(source);
    return this.#registrar.follow(source);
  }

  /** The requests to AWS, and the followed sources. Without `awsLimits` all requests of the process are counted. */
  activity(): RegistryActivity {
    return this.#registrar.activity();
  }

  /** The registered cluster with that id, if any. */
  get(id: string): Cluster | undefined {
    return this.#registrar.clusters.get(id);
  }

  /**
   * The registered cluster with that id.
   * @throws EKSAuthError INVALID_CONFIG that names similar ids of this registry
   */
  require(id: string): Cluster {
    const cluster = this.#registrar.clusters.get(id);
    if (cluster === undefined) throw notRegistered(id, [...this.#registrar.clusters.keys()]);
    return cluster;
  }

  /** All clusters, in the order of their registration. */
  list(): readonly Cluster[] {
    return [...this.#registrar.clusters.values()];
  }

  /**
   * Removes a cluster and ends its watches and connections. Its clients fail from now on.
   * @returns whether the cluster was registered
   */
  async unregister(id: string): Promise<boolean> {
    requireIdOf('registry.unregister', id);
    return this.#registrar.unregister(id);
  }

  /** Unregisters all clusters. Nothing can be registered afterwards. */
  async close(): Promise<void> {
    await this.#registrar.close();
  }

  /** The same as {@link ClusterRegistry.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Adds a listener. Errors of listeners are logged. */
  on<Name extends keyof RegistryEvents>(name: Name, listener: (event: RegistryEvents[Name]) => void): this {
    checkListener('registry.on', name, listener);
    this.#registrar.events.on(name, listener);
    return this;
  }

  /** Removes a listener. */
  off<Name extends keyof RegistryEvents>(name: Name, listener: (event: RegistryEvents[Name]) => void): this {
    checkListener('registry.off', name, listener);
    this.#registrar.events.off(name, listener);
    return this;
  }
}

/** The plan of an EKS form refuses any other user, also later when the kubeconfig changes. */
function asEKS(cluster: Cluster): EKSCluster {
  if (cluster.isEKS()) return cluster;
  throw unregistered(cluster.id);
}
