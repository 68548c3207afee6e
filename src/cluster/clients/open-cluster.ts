import type { KubeConfig } from '@kubernetes/client-node';
import type { Environment } from '../../host.ts';
import type { SelectedContext } from '../../kubeconfig/read/select-context.ts';
import type { Changes } from './changes.ts';
import type { ClientNode } from './client-node.ts';
import type { ClusterAuth } from './cluster-auth.ts';
import { environmentProxy } from './environment-proxy.ts';
import { followRequests } from './follow-requests.ts';
import { healRequests } from './heal-requests.ts';
import { plainKubeConfig } from './plain-kube-config.ts';
import { reuseConnections } from './reuse-connections.ts';

/** The KubeConfig of a cluster in use. */
export interface OpenedCluster {
  readonly kubeConfig: KubeConfig;
  readonly closeConnections: () => Promise<void>;
}

/** Makes the KubeConfig of a cluster, with in-process tokens, reused connections and replacement of refused tokens. */
export function openCluster({
  clientNode,
  env,
  auth,
  selected,
  changes,
  look,
}: {
  readonly clientNode: ClientNode;
  /** The environment with the proxy variables. */
  readonly env: Environment;
  readonly auth: ClusterAuth;
  /** The context in the current kubeconfig. */
  readonly selected: () => SelectedContext;
  readonly changes: Changes;
  /** Called at each request. */
  readonly look: () => void;
}): OpenedCluster {
  const kubeConfig = plainKubeConfig(clientNode, selected(), auth.mark);
  const closeConnections = reuseConnections(kubeConfig, {
    clientNode,
    selected: () => {
      auth.assertOpen();
      look();
      return selected();
    },
    proxyUrl: () => selected().cluster.proxyUrl ?? environmentProxy(selected().cluster.server, env),
    makeKubeConfig: (now) => {
      const made = plainKubeConfig(clientNode, now, auth.mark);
      made.addAuthenticator(auth);
      return made;
    },
  });
  followRequests(clientNode, kubeConfig, changes);
  healRequests(kubeConfig, auth);
  return { kubeConfig, closeConnections };
}
