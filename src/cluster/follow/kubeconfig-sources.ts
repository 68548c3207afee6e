import type { RefreshTicker } from '../../aws/refresh/refresh-ticker.ts';
import type { Host } from '../../host.ts';
import type { Kubeconfig } from '../../kubeconfig/read/kubeconfig-file.ts';
import type { ClientNode } from '../clients/client-node.ts';
import type { ChangingSource } from '../clients/cluster-parts.ts';
import { FollowedKubeconfig, type Follower } from './followed-kubeconfig.ts';
import { missingDefaultKubeconfig, noKubeconfigInPod, notInCluster, readInCluster } from './in-cluster.ts';
import { kubeconfigFiles, readKubeconfigFiles } from './load-kubeconfig.ts';

/** A kubeconfig file, or list of files, from which clusters are registered. */
export interface KubeconfigSource {
  readonly kubeconfig: Kubeconfig;
  /** Absent where nothing changes. */
  follow?(follower: Follower): ChangingSource;
}

/** The kubeconfig files of a registry. Each is checked and read once for all of its clusters. */
export class KubeconfigSources {
  readonly #host: Host;
  readonly #ticker: RefreshTicker;
  readonly #serviceAccount: string | undefined;
  readonly #followed = new Map<string, FollowedKubeconfig>();

  /** @param serviceAccount the folder of the pod's service account; default: where Kubernetes mounts it */
  constructor(host: Host, ticker: RefreshTicker, serviceAccount?: string) {
    this.#host = host;
    this.#ticker = ticker;
    this.#serviceAccount = serviceAccount;
  }

  /**
   * The kubeconfig that kubectl would read; where there is no file at all, the service account of the pod.
   * @throws EKSAuthError INVALID_CONFIG or INVALID_KUBECONFIG
   */
  async readOrInCluster(clientNode: ClientNode, path: string | undefined): Promise<KubeconfigSource> {
    if (path === undefined) {
      const { env } = this.#host;
      const missing = await missingDefaultKubeconfig(env);
      if (missing === undefined) return this.read(clientNode, path);
      const found = await readInCluster(env, this.#serviceAccount);
      if (found.kubeconfig) return found;
      if (env.KUBERNETES_SERVICE_HOST) throw noKubeconfigInPod(missing, found.missing);
    }
    return this.read(clientNode, path);
  }

  /** @throws EKSAuthError INVALID_CONFIG */
  async readInCluster(): Promise<KubeconfigSource> {
    const found = await readInCluster(this.#host.env, this.#serviceAccount);
    if (found.missing !== undefined) throw notInCluster(found.missing);
    return found;
  }

  /**
   * The kubeconfig that kubectl would read.
   * @throws EKSAuthError INVALID_CONFIG or INVALID_KUBECONFIG
   */
  async read(clientNode: ClientNode, path: string | undefined): Promise<KubeconfigSource> {
    const files = kubeconfigFiles(path, this.#host);
    const key = files.join('\0');
    const load = () => readKubeconfigFiles(clientNode, files);
    // Made before the first read, so that no change is missed.
    const fresh = new FollowedKubeconfig(files, load);
    return {
      kubeconfig: await load(),
      follow: (follower) => {
        const followed = this.#followed.get(key) ?? this.#begin(key, fresh);
        const leave = followed.join(follower, fresh);
        return {
          refresh: () => followed.refresh(),
          catchUp: () => followed.catchUp(),
          leave: () => {
            leave();
            if (followed.size > 0) return;
            followed.end();
            if (this.#followed.get(key) === followed) this.#followed.delete(key);
          },
        };
      },
    };
  }

  #begin(key: string, followed: FollowedKubeconfig): FollowedKubeconfig {
    this.#followed.set(key, followed);
    followed.begin(this.#ticker);
    return followed;
  }
}
