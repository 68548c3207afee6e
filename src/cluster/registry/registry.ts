import { MintMemory } from '../../aws/context/mint-memory.ts';
import { AWSGates } from '../../aws/gate/gates.ts';
import { RefreshTicker } from '../../aws/token/refresh-ticker.ts';
import { type Host, hostFrom } from '../../host.ts';
import { type SelectedContext, selectContext } from '../../kubeconfig/read/select-context.ts';
import { type ClientNode, ClientNodeLoader } from '../clients/client-node.ts';
import type { Cluster } from '../clients/cluster.ts';
import { duplicateId, registryClosed, requireId } from '../clients/registry-errors.ts';
import type { ClusterSource, FollowedSource } from '../discovery/cluster-source.ts';
import { followSource, type SourceOwner } from '../discovery/follow-source.ts';
import { SourceCounts } from '../discovery/source-activity.ts';
import { type KubeconfigSource, KubeconfigSources } from '../follow/kubeconfig-sources.ts';
import { loadKubeconfigString } from '../follow/load-kubeconfig.ts';
import { assembleCluster, type ClusterPlan, connectionOptions } from './assemble-cluster.ts';
import { type Advisers, type AWSClusterRequest, advisersOf, describedContext } from './aws-cluster.ts';
import { TypedEvents } from './events.ts';
import { clusterFollower } from './follow-cluster.ts';
import { registerEach } from './plan-all.ts';
import { OWN, planRegistration, type Registration } from './plan-registration.ts';
import type {
  ClusterRegistryOptions,
  RegisterAllOptions,
  RegisterAllResult,
  RegisterAWSOptions,
  RegisterInClusterOptions,
  RegisterOptions,
} from './register-options.ts';
import type { RegistryActivity, RegistryEvents } from './registry-events.ts';

/**
 * The clusters of a service. Registering reads and checks a kubeconfig; it mints no token and, by default, makes no
 * connection. One timer refreshes the tokens of all clusters in use and does not keep the process running.
 *
 * A kubeconfig from a path is trusted. A kubeconfig from a string is not: it may not run commands or read files, and
 * its EKS token goes only to servers in {@link TrustOptions.trustedServers}.
 */
export class ClusterRegistry implements AsyncDisposable {
  readonly #options: ClusterRegistryOptions;
  readonly #host: Host;
  readonly #ticker = new RefreshTicker();
  readonly #memory: MintMemory;
  readonly #advisers: Advisers;
  readonly #events: TypedEvents<RegistryEvents>;
  readonly #sources: KubeconfigSources;
  readonly #clusters = new Map<string, Cluster>();
  readonly #counts = new SourceCounts();
  readonly #closed = new AbortController();
  readonly #clientNode = new ClientNodeLoader();

  constructor(options: ClusterRegistryOptions = {}) {
    this.#options = options;
    this.#memory = new MintMemory(options.awsLimits && new AWSGates(options.awsLimits));
    this.#host = hostFrom(options);
    this.#sources = new KubeconfigSources(this.#host, this.#ticker, options.serviceAccountDirectory);
    this.#advisers = advisersOf(this.#host, this.#memory, this.#closed.signal);
    this.#events = new TypedEvents(this.#host.logger);
  }

  /**
   * Registers the cluster of a kubeconfig text. An EKS user gets in-process tokens; other users keep their standard
   * authentication.
   * @throws EKSAuthError
   */
  async registerByString(kubeconfig: string, options: RegisterOptions = {}): Promise<Cluster> {
    return this.#registerString(kubeconfig, { ...options, from: 'string', eksOnly: false });
  }

  /**
   * The same as {@link ClusterRegistry.registerByString} for a file.
   * @param path default: the `KUBECONFIG` list, merged as kubectl does, else `~/.kube/config`, else the service account
   * of the pod, as {@link ClusterRegistry.registerInCluster} registers it
   * @throws EKSAuthError
   */
  async registerByPath(path?: string, options: RegisterOptions = {}): Promise<Cluster> {
    return this.#registerPath(path, { ...options, from: 'path', eksOnly: false });
  }

  /**
   * Registers the EKS cluster of a kubeconfig text.
   * @throws EKSAuthError also NOT_EKS where the user is not an EKS user
   */
  async registerEKSByString(kubeconfig: string, options: RegisterOptions = {}): Promise<Cluster> {
    return this.#registerString(kubeconfig, { ...options, from: 'string', eksOnly: true });
  }

  /** The same as {@link ClusterRegistry.registerEKSByString} with the id as an argument. */
  async registerEKSByStringWithID(kubeconfig: string, id: string, options: RegisterOptions = {}): Promise<Cluster> {
    return this.registerEKSByString(kubeconfig, { ...options, id: requireId(id) });
  }

  /**
   * Registers the EKS cluster of a kubeconfig file.
   * @param path default: the `KUBECONFIG` list, merged as kubectl does, else `~/.kube/config`
   * @throws EKSAuthError also NOT_EKS where the user is not an EKS user
   */
  async registerEKSByPath(path?: string, options: RegisterOptions = {}): Promise<Cluster> {
    return this.#registerPath(path, { ...options, from: 'path', eksOnly: true });
  }

  /** The same as {@link ClusterRegistry.registerEKSByPath} with the id as an argument. */
  async registerEKSByPathWithID(path: string | undefined, id: string, options: RegisterOptions = {}): Promise<Cluster> {
    return this.registerEKSByPath(path, { ...options, id: requireId(id) });
  }

  /**
   * Registers a cluster without a kubeconfig. Its endpoint comes from DescribeCluster.
   * @throws EKSAuthError CLUSTER_NOT_FOUND, ACCESS_DENIED, NETWORK, or the reason why there are no credentials
   */
  async registerAWSCluster(request: AWSClusterRequest, options: RegisterAWSOptions = {}): Promise<Cluster> {
    const clientNode = await this.#loadClientNode();
    const context = await describedContext(request, this.#advisers.describe, options.signal);
    return this.#registerContext(clientNode, context, { ...options, ...OWN, eksOnly: true, assumedRole: request });
  }

  /**
   * Registers the cluster that this process runs in, with the service account of its pod. A replaced token file is read
   * again while the cluster is in use. The context is called `inClusterContext`, as in client-node.
   * @throws EKSAuthError INVALID_CONFIG where the process does not run in a pod, or the pod has no service account token
   */
  async registerInCluster(options: RegisterInClusterOptions = {}): Promise<Cluster> {
    const clientNode = await this.#loadClientNode();
    const { kubeconfig } = await this.#sources.readInCluster();
    return this.#registerContext(clientNode, selectContext(kubeconfig), { ...options, ...OWN, eksOnly: false });
  }

  /**
   * Registers every context of a kubeconfig. Contexts with the same ARN get their context names as ids.
   * @param path default: as for {@link ClusterRegistry.registerByPath}
   * @throws EKSAuthError where the kubeconfig cannot be read; errors of single contexts are in `failed`
   */
  async registerAll(path?: string, options: RegisterAllOptions = {}): Promise<RegisterAllResult> {
    const clientNode = await this.#loadClientNode();
    const source = await this.#sources.readOrInCluster(clientNode, path);
    const registration: Registration = { ...options, from: 'path', eksOnly: false };
    const plan = (selected: SelectedContext) => this.#plan(selected, registration);
    return registerEach(source.kubeconfig, plan, (planned) => this.#add(clientNode, planned, registration, source));
  }

  /**
   * Registers the clusters of a source, applies their changes and removes those that are gone, as long as the source is
   * followed. A cluster whose id is registered already by other means stays unchanged.
   */
  follow(source: ClusterSource): FollowedSource {
    const register: SourceOwner['register'] = async ({ id, credentials }, from) => {
      const how = { ...OWN, id, eksOnly: true, ...(credentials && { credentials }) };
      return this.#registerContext(await this.#loadClientNode(), selectContext(from.kubeconfig), how, from);
    };
    const { signal: closed } = this.#closed;
    const shared = { host: this.#host, memory: this.#memory, counts: this.#counts, closed, clusters: this.#clusters };
    return followSource(source, { ...shared, events: this.#events, register, unregister: (id) => this.unregister(id) });
  }

  /** The requests to AWS, and the followed sources. Without `awsLimits` all requests of the process are counted. */
  activity(): RegistryActivity {
    return { aws: this.#memory.gates.activities(), discovery: this.#counts.activity() };
  }

  /** The registered cluster with that id, if any. */
  get(id: string): Cluster | undefined {
    return this.#clusters.get(id);
  }

  /** All clusters, in the order of their registration. */
  list(): readonly Cluster[] {
    return [...this.#clusters.values()];
  }

  /**
   * Removes a cluster and ends its watches and connections. Its clients fail from now on.
   * @returns whether the cluster was registered
   */
  async unregister(id: string): Promise<boolean> {
    const cluster = this.#clusters.get(id);
    if (cluster === undefined) return false;
    this.#clusters.delete(id);
    // Emitted before the first await, so that it precedes the 'registered' of a new cluster with this id.
    this.#events.emit('removed', { cluster });
    await cluster.close();
    return true;
  }

  /** Unregisters all clusters. Nothing can be registered afterwards. */
  async close(): Promise<void> {
    this.#closed.abort(registryClosed());
    await Promise.all([...this.#clusters.keys()].map((id) => this.unregister(id)));
  }

  /** The same as {@link ClusterRegistry.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Adds a listener. Errors of listeners are logged. */
  on<Name extends keyof RegistryEvents>(name: Name, listener: (event: RegistryEvents[Name]) => void): this {
    this.#events.on(name, listener);
    return this;
  }

  /** Removes a listener. */
  off<Name extends keyof RegistryEvents>(name: Name, listener: (event: RegistryEvents[Name]) => void): this {
    this.#events.off(name, listener);
    return this;
  }

  async #registerString(kubeconfig: string, registration: Registration): Promise<Cluster> {
    const clientNode = await this.#loadClientNode();
    const read = loadKubeconfigString(clientNode, kubeconfig);
    return this.#registerContext(clientNode, selectContext(read, registration.context), registration);
  }

  async #registerPath(path: string | undefined, registration: Registration): Promise<Cluster> {
    const clientNode = await this.#loadClientNode();
    const { eksOnly, context } = registration;
    const source = await (eksOnly
      ? this.#sources.read(clientNode, path)
      : this.#sources.readOrInCluster(clientNode, path));
    return this.#registerContext(clientNode, selectContext(source.kubeconfig, context), registration, source);
  }

  async #registerContext(clientNode: ClientNode, context: SelectedContext, how: Registration, from?: KubeconfigSource) {
    const plan = await this.#plan(context, how);
    const { cluster, replaced } = this.#add(clientNode, plan, how, from);
    await replaced?.close();
    return cluster;
  }

  #plan(selected: SelectedContext, registration: Registration): Promise<ClusterPlan> {
    return planRegistration(selected, registration, this.#options, this.#advisers);
  }

  /** Adds a cluster. All checks come before the first change of state. */
  #add(clientNode: ClientNode, plan: ClusterPlan, registration: Registration, source?: KubeconfigSource) {
    if (this.#closed.signal.aborted) throw registryClosed();
    const replaced = this.#clusters.get(plan.id);
    if (replaced !== undefined && registration.replace !== true) throw duplicateId(plan.id, replaced.server);
    const host = { ...this.#host, ticker: this.#ticker, memory: this.#memory };
    const shared = { clientNode, events: this.#events, ...connectionOptions(this.#options, registration, host) };
    const cluster = assembleCluster(plan, shared);
    this.#clusters.set(plan.id, cluster);
    const check = (selected: SelectedContext) => this.#plan(selected, registration);
    if (source?.follow) cluster.follow(source.follow(clusterFollower(cluster, shared, check)));
    if (replaced) this.#events.emit('removed', { cluster: replaced });
    this.#events.emit('registered', { cluster });
    return { cluster, replaced };
  }

  #loadClientNode(): Promise<ClientNode> {
    return this.#closed.signal.aborted ? Promise.reject(registryClosed()) : this.#clientNode.load();
  }
}
