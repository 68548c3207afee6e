import type { KubeConfig } from '@kubernetes/client-node';
import type { Environment } from '../../host.ts';
import type { SelectedContext } from '../../kubeconfig/read/select-context.ts';
import { limitsNow } from '../requests/call-limits.ts';
import type { Changes } from '../requests/changes.ts';
import type { ClusterAuth } from '../requests/cluster-auth.ts';
import { followRequests } from '../requests/follow-requests.ts';
import { healRequests } from '../requests/heal-requests.ts';
import { reuseConnections } from '../requests/reuse-connections.ts';
import { environmentProxy } from '../transport/environment-proxy.ts';
import type { Limits } from '../transport/limits.ts';
import type { RequestSettings } from '../transport/settings.ts';
import type { ClientNode } from './client-node.ts';
import { plainKubeConfig } from './plain-kube-config.ts';

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
  limits,
  settings,
  silent,
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
  readonly limits: Limits;
  readonly settings: RequestSettings;
  /** Called when a kept connection has fallen silent. */
  readonly silent: () => void;
}): OpenedCluster {
  const kubeConfig = plainKubeConfig(clientNode, selected(), auth.mark);
  const { close } = reuseConnections(kubeConfig, {
    auth,
    silent,
    settings,
    limits: () => limitsNow(limits),
    selected: () => {
      auth.assertOpen();
      look();
      return selected();
    },
    proxyUrl: ({ cluster }) => cluster.proxyUrl ?? environmentProxy(cluster.server, env),
    makeKubeConfig(now, marked) {
      const made = plainKubeConfig(clientNode, now, marked ? auth.mark : undefined);
      made.addAuthenticator(auth);
      return made;
    },
  });
  followRequests(clientNode, kubeConfig, changes);
  healRequests(kubeConfig, auth);
  return { kubeConfig, closeConnections: close };
}
