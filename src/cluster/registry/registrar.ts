import { MintMemory } from '../../aws/context/mint-memory.ts';
import { noteNeighbours } from '../../aws/fleet/neighbours.ts';
import { AWSGates } from '../../aws/gate/gates.ts';
import { RefreshTicker } from '../../aws/refresh/refresh-ticker.ts';
import type { EKSAuthConfig } from '../../aws/stanza/eks-auth-config.ts';
import { checkOneSource } from '../../aws/token/auth-provider.ts';
import { checkGivenCredentials } from '../../aws/token/given-credentials.ts';
import type { EKSAuthError } from '../../errors.ts';
import { type Host, hostFrom } from '../../host.ts';
import { type SelectedContext, selectContext } from '../../kubeconfig/read/select-context.ts';
import { fleetActivityOf } from '../../store/fleet-activity.ts';
import { type ClientNode, ClientNodeLoader } from '../clients/client-node.ts';
import type { Cluster } from '../clients/cluster.ts';
import { closedWithRegistry, duplicateId, registryClosed } from '../clients/registry-errors.ts';
import type { ClusterSource, FollowedSource } from '../discovery/cluster-source.ts';
import { followSource, type SourceOwner } from '../discovery/follow-source.ts';
import { SourceCounts } from '../discovery/source-activity.ts';
import { type KubeconfigSource, KubeconfigSources } from '../follow/kubeconfig-sources.ts';
import { isKubeconfigText, loadKubeconfigString } from '../follow/load-kubeconfig.ts';
import { assembleCluster, type ClusterPlan, connectionOptions, type SharedParts } from './assemble-cluster.ts';
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
} from './register-options.ts';
import type { RegistryActivity, RegistryEvents } from './registry-events.ts';

/** The work of a registry: it reads, plans, adds and removes clusters. */
export class Registrar {
  readonly events: TypedEvents<RegistryEvents>;
  readonly clusters: Map<string, Cluster> = new Map();
  readonly #options: ClusterRegistryOptions;
  readonly #host: Host;
  readonly #ticker = new RefreshTicker();
  readonly #memory: MintMemory;
  readonly #advisers: Advisers;
  readonly #sources: KubeconfigSources;
  readonly #counts = new SourceCounts();
  readonly #closed = new AbortController();
  readonly #clientNode = new ClientNodeLoader();

  constructor(options: ClusterRegistryOptions) {
    this.#options = options;
    this.#memory = new MintMemory(options.awsLimits && new AWSGates(options.awsLimits));
    this.#host = hostFrom(options);
    this.#sources = new KubeconfigSources(this.#host, this.#ticker, options.serviceAccountDirectory);
    this.#advisers = advisersOf(this.#host, this.#memory, this.#closed.signal);
    this.events = new TypedEvents(this.#host.logger);
    noteNeighbours(this.#memory, { host: this.#host, configs: () => this.#ownConfigs() });
  }

  async registerText(kubeconfig: string, how: Omit<Registration, 'from'>): Promise<Cluster> {
    const registration: Registration = { ...how, from: 'string' };
    const clientNode = await this.#loadClientNode();
    const read = loadKubeconfigString(clientNode, kubeconfig);
    return this.#registerContext(clientNode, selectContext(read, how.context), registration);
  }

  async registerFile(path: string | undefined, how: Omit<Registration, 'from'>): Promise<Cluster> {
    const registration: Registration = { ...how, from: 'path' };
    const clientNode = await this.#loadClientNode();
    const source = await (how.eksOnly
      ? this.#sources.read(clientNode, path)
      : this.#sources.readOrInCluster(clientNode, path));
    return this.#registerContext(clientNode, selectContext(source.kubeconfig, how.context), registration, source);
  }

  async registerDescribed(request: AWSClusterRequest, options: RegisterAWSOptions): Promise<Cluster> {
    checkGivenCredentials(options);
    checkOneSource(options);
    const clientNode = await this.#loadClientNode();
    const context = await describedContext(request, this.#advisers.describe, options);
    const { execPolicy = OWN.execPolicy } = options;
    const how = { ...options, ...OWN, execPolicy, eksOnly: true, assumedRole: request };
    return this.#registerContext(clientNode, context, how);
  }

  async registerServiceAccount(options: RegisterInClusterOptions): Promise<Cluster> {
    const clientNode = await this.#loadClientNode();
    const { kubeconfig } = await this.#sources.readInCluster();
    return this.#registerContext(clientNode, selectContext(kubeconfig), { ...options, ...OWN, eksOnly: false });
  }

  async registerAll(pathOrText: string | undefined, options: RegisterAllOptions): Promise<RegisterAllResult> {
    if (isKubeconfigText(pathOrText)) return this.registerAllOfText(pathOrText, options);
    const clientNode = await this.#loadClientNode();
    return this.#registerEach(clientNode, await this.#sources.readOrInCluster(clientNode, pathOrText), 'path', options);
  }

  async registerAllOfText(text: string, options: RegisterAllOptions): Promise<RegisterAllResult> {
    const clientNode = await this.#loadClientNode();
    return this.#registerEach(clientNode, { kubeconfig: loadKubeconfigString(clientNode, text) }, 'string', options);
  }

  follow(source: ClusterSource): FollowedSource {
    const register: SourceOwner['register'] = async (description, from) => {
      const { id, credentials } = description;
      const how = { ...OWN, id, eksOnly: true, assumedRole: description, ...(credentials && { credentials }) };
      return this.#registerContext(await this.#loadClientNode(), selectContext(from.kubeconfig), how, from);
    };
    const { signal: closed } = this.#closed;
    const shared = { host: this.#host, memory: this.#memory, counts: this.#counts, closed, clusters: this.clusters };
    return followSource(source, { ...shared, events: this.events, register, unregister: (id) => this.unregister(id) });
  }

  activity(): RegistryActivity {
    const { fleet } = this.#options;
    return {
      aws: this.#memory.gates.activities(),
      discovery: this.#counts.activity(),
      ...(fleet && { fleet: fleetActivityOf(fleet) }),
    };
  }

  unregister(id: string): Promise<boolean> {
    return this.#remove(id);
  }

  async #remove(id: string, reason?: (id: string) => EKSAuthError): Promise<boolean> {
    const cluster = this.clusters.get(id);
    if (cluster === undefined) return false;
    this.clusters.delete(id);
    // Emitted before the first await, so that it precedes the 'registered' of a new cluster with this id.
    this.events.emit('removed', { cluster });
    await cluster.core.close(reason);
    return true;
  }

  async close(): Promise<void> {
    this.#closed.abort(registryClosed());
    await Promise.all([...this.clusters.keys()].map((id) => this.#remove(id, closedWithRegistry)));
  }

  async #registerContext(clientNode: ClientNode, context: SelectedContext, how: Registration, from?: KubeconfigSource) {
    const plan = await this.#plan(context, how);
    const { cluster, replaced } = this.#add(plan, how, this.#shared(clientNode, how), from);
    await replaced?.core.close();
    return cluster;
  }

  #registerEach(
    clientNode: ClientNode,
    source: KubeconfigSource,
    from: Registration['from'],
    options: RegisterAllOptions,
  ): Promise<RegisterAllResult> {
    const registration: Registration = { ...options, from, eksOnly: options.eksOnly === true };
    const shared = this.#shared(clientNode, registration);
    const plan = (selected: SelectedContext) => this.#plan(selected, registration);
    return registerEach(source.kubeconfig, plan, (planned) => this.#add(planned, registration, shared, source));
  }

  #plan(selected: SelectedContext, registration: Registration): Promise<ClusterPlan> {
    return planRegistration(selected, registration, this.#options, this.#advisers);
  }

  /** What the clusters of one registration share with each other. */
  #shared(clientNode: ClientNode, registration: Registration): SharedParts {
    const host = { ...this.#host, ticker: this.#ticker, memory: this.#memory };
    return { clientNode, events: this.events, ...connectionOptions(this.#options, registration, host) };
  }

  /** Adds a cluster. All checks come before the first change of state. */
  #add(plan: ClusterPlan, registration: Registration, shared: SharedParts, source?: KubeconfigSource) {
    if (this.#closed.signal.aborted) throw registryClosed();
    const replaced = this.clusters.get(plan.id);
    if (replaced !== undefined && registration.replace !== true) throw duplicateId(plan.id, replaced.server);
    const cluster = assembleCluster(plan, shared);
    this.clusters.set(plan.id, cluster);
    const check = (selected: SelectedContext) => this.#plan(selected, registration);
    if (source?.follow) cluster.core.follow(source.follow(clusterFollower(cluster, shared, check)));
    if (replaced) this.events.emit('removed', { cluster: replaced });
    this.events.emit('registered', { cluster });
    return { cluster, replaced };
  }

  /** The EKS configs whose credentials this machine finds itself. */
  *#ownConfigs(): Iterable<EKSAuthConfig> {
    for (const { core } of this.clusters.values()) {
      const { eks } = core.auth;
      if (eks?.findsCredentials) yield eks.config;
    }
  }

  #loadClientNode(): Promise<ClientNode> {
    return this.#closed.signal.aborted ? Promise.reject(registryClosed()) : this.#clientNode.load();
  }
}
