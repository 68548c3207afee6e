import type { KubeConfig } from '@kubernetes/client-node';
import type { Environment } from '../host.ts';
import type { SelectedContext } from '../kubeconfig/select-context.ts';
import type { Changes } from './changes.ts';
import type { ClientNode } from './client-node.ts';
import type { ClusterAuth } from './cluster-auth.ts';
import { environmentProxy } from './environment-proxy.ts';
import { followRequests } from './follow-requests.ts';
import { healRequests } from './heal-requests.ts';
import { plainKubeConfig } from './plain-kube-config.ts';
import { reuseConnections } from './reuse-connections.ts';

/** The KubeConfig of a cluster that is in use, and how to end what has come out of it. */
export interface OpenedCluster {
  readonly kubeConfig: KubeConfig;
  readonly closeConnections: () => Promise<void>;
}

/** Makes the KubeConfig of a cluster: with its tokens, its connections, and all that heals. */
export function openCluster({
  clientNode,
  env,
  auth,
  selected,
  changes,
  look,
}: {
  readonly clientNode: ClientNode;
  /** Where proxies are looked up. */
  readonly env: Environment;
  readonly auth: ClusterAuth;
  /** What the kubeconfig says now. */
  readonly selected: () => SelectedContext;
  readonly changes: Changes;
  /** Told of each request. */
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
