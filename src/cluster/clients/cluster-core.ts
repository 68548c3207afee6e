import type { KubeConfig } from '@kubernetes/client-node';
import type { TokenRequestOptions } from '../../aws/token/auth-provider.ts';
import type { Token } from '../../aws/token/token.ts';
import type { EKSAuthError } from '../../errors.ts';
import type { Environment } from '../../host.ts';
import type { SelectedContext } from '../../kubeconfig/read/select-context.ts';
import type { Changes } from '../requests/changes.ts';
import { ClusterAuth } from '../requests/cluster-auth.ts';
import type { RequestIdentity } from '../requests/request-identity.ts';
import type { ChangingSource, ClusterParts } from './cluster-parts.ts';
import { type OpenedCluster, openCluster } from './open-cluster.ts';
import { OpenStreams } from './open-streams.ts';
import { fillKubeConfig } from './plain-kube-config.ts';
import type { ClientParts } from './pod-clients.ts';
import { unregistered } from './registry-errors.ts';

/** The state of a cluster and its changes, for the registry. Users of a cluster see its clients only. */
export class ClusterCore {
  readonly #parts: ClusterParts;
  readonly #auth: ClusterAuth;
  readonly #streams = new OpenStreams();
  #closed = false;
  #opened: OpenedCluster | undefined;
  #selected: SelectedContext;
  #changed = 0;
  #place = 0;
  #source: ChangingSource | undefined;
  readonly #changes: Changes = {
    count: () => this.#changed,
    since: async (count) => {
      if (!this.#closed && this.#changed === count) await this.#source?.catchUp();
      return this.#changed !== count;
    },
  };

  constructor(parts: ClusterParts) {
    this.#parts = parts;
    this.#selected = parts.selected;
    this.#auth = new ClusterAuth(parts.id, parts.identity, parts.onRefused);
  }

  get auth(): ClusterAuth {
    return this.#auth;
  }

  get identity(): RequestIdentity | undefined {
    return this.#auth.identity;
  }

  /** The context when the kubeconfig was last read, without the stanza of an EKS user. */
  get selected(): SelectedContext {
    return this.#selected;
  }

  /** The number of moves to another server. Each server has its own resource versions. */
  get place(): number {
    return this.#place;
  }

  /** Aborted when the cluster is unregistered. */
  get closing(): AbortSignal {
    return this.#streams.closing;
  }

  /** The KubeConfig of the cluster. It is made at the first use, since most clusters of a fleet are idle. */
  get kubeConfig(): KubeConfig {
    return (this.#opened ?? this.#open()).kubeConfig;
  }

  /** The parts that the clients of the cluster share. */
  get clients(): ClientParts {
    const { clientNode, limits } = this.#parts;
    const [kubeConfig, auth, changes, streams] = [this.kubeConfig, this.#auth, this.#changes, this.#streams];
    return { clientNode, kubeConfig, auth, changes, streams, limits };
  }

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

  /** The id in the registry. */
  get id(): string {
    return this.#parts.id;
  }

  /** The environment of the cluster's requests. */
  get env(): Environment {
    return this.#parts.env;
  }

  follow(source: ChangingSource): void {
    this.#source = source;
  }

  /**
   * Applies a change of the kubeconfig. Requests in progress keep their server and identity. Watches end if either has
   * changed; informers then continue with the new ones.
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

  /**
   * Ends timers, watches and connections. Informers stop; clients fail from now on.
   * @param reason the error of every later call. Default: the cluster has been unregistered
   */
  async close(reason: (id: string) => EKSAuthError = unregistered): Promise<void> {
    this.#closed = true;
    this.#source?.leave();
    this.#auth.close(() => reason(this.#parts.id));
    this.#streams.close();
    await this.#opened?.closeConnections();
  }

  #open(): OpenedCluster {
    const { clientNode, env, limits, settings } = this.#parts;
    this.#opened = openCluster({
      clientNode,
      env,
      auth: this.#auth,
      selected: () => this.#selected,
      changes: this.#changes,
      look: () => void this.#source?.refresh(),
      limits,
      settings,
      silent: () => this.#streams.doubtWatches(),
    });
    return this.#opened;
  }
}
