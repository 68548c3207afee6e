import type { EKSAuthConfig } from '../aws/stanza/eks-auth-config.ts';
import { readEKSUser } from '../aws/stanza/eks-user.ts';
import { loadClientNode } from '../cluster/clients/client-node.ts';
import { loadKubeconfigFiles } from '../cluster/follow/load-kubeconfig.ts';
import type { TrustedServer } from '../cluster/trust/trusted-servers.ts';
import { EKSAuthError } from '../errors.ts';
import type { Host } from '../host.ts';
import { contextNames, selectContext } from '../kubeconfig/read/select-context.ts';

/**
 * The servers of one EKS cluster in the operator's own kubeconfig files. Clusters are compared by name and region,
 * because a token must not go to the server of another cluster, even if that server is trusted.
 */
export async function serversOfCluster(
  paths: readonly string[],
  wanted: EKSAuthConfig,
  host: Host,
): Promise<TrustedServer[]> {
  const clientNode = await loadClientNode();
  const found: TrustedServer[] = [];
  for (const path of paths) {
    const kubeconfig = await loadKubeconfigFiles(clientNode, path, host).catch((error: unknown) => {
      // Logged for the operator. A model could not correct it and must not see the path.
      const code = error instanceof EKSAuthError ? error.code : 'INTERNAL';
      host.logger.warn('mcp: a trusted kubeconfig cannot be read', { path, code });
      return [];
    });
    for (const name of contextNames(kubeconfig)) {
      const entry = unlessUnreadable(() => {
        const selected = selectContext(kubeconfig, name);
        return { cluster: selected.cluster, config: readEKSUser(selected) };
      });
      if (entry?.config === undefined || !isSameCluster(entry.config, wanted)) continue;
      const { server, caData } = entry.cluster;
      const clusterName = wanted.clusterName ?? wanted.clusterId;
      found.push({
        server,
        ...(caData !== undefined && { certificateAuthorityData: caData }),
        ...(clusterName !== undefined && { clusterName }),
      });
    }
  }
  return found;
}

/** Skips a context that cannot be read, so that the others are still used. */
function unlessUnreadable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof EKSAuthError) return undefined;
    throw error;
  }
}

function isSameCluster(one: EKSAuthConfig, other: EKSAuthConfig): boolean {
  return one.clusterName === other.clusterName && one.clusterId === other.clusterId && one.region === other.region;
}
