import type { RefreshTicker } from '../../aws/token/refresh-ticker.ts';
import type { Host } from '../../host.ts';
import type { Kubeconfig } from '../../kubeconfig/read/kubeconfig-file.ts';
import type { ClientNode } from '../clients/client-node.ts';
import type { ChangingSource } from '../clients/cluster-parts.ts';
import { FollowedKubeconfig, type Follower } from './followed-kubeconfig.ts';
import { kubeconfigFiles, readKubeconfigFiles } from './load-kubeconfig.ts';

/** A kubeconfig file, or list of files, from which clusters are registered. */
export interface KubeconfigSource {
  readonly kubeconfig: Kubeconfig;
  follow(follower: Follower): ChangingSource;
}

/** The kubeconfig files of a registry. Each is checked and read once for all of its clusters. */
export class KubeconfigSources {
  readonly #host: Host;
  readonly #ticker: RefreshTicker;
  readonly #followed = new Map<string, FollowedKubeconfig>();

  constructor(host: Host, ticker: RefreshTicker) {
    this.#host = host;
    this.#ticker = ticker;
  }

  /** @throws EKSAuthError INVALID_CONFIG or INVALID_KUBECONFIG */
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
