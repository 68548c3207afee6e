import { readFile } from 'node:fs/promises';
import type { DecidedIdentity } from '../aws/mint/decide-identity.ts';
import { type EKSAuthConfig, isSameConfig } from '../aws/stanza/eks-auth-config.ts';
import { readEKSUser } from '../aws/stanza/eks-user.ts';
import { Undecidable } from '../aws/undecidable.ts';
import { loadClientNode } from '../cluster/clients/client-node.ts';
import { loadKubeconfigFiles } from '../cluster/follow/load-kubeconfig.ts';
import { type Decide, isSameIdentity } from '../cluster/trust/compare-trusted-servers.ts';
import type { TrustedServer } from '../cluster/trust/trusted-servers.ts';
import { EKSAuthError } from '../errors.ts';
import type { Host } from '../host.ts';
import type { ClusterEntry } from '../kubeconfig/read/kubeconfig-file.ts';
import { contextNames, selectContext } from '../kubeconfig/read/select-context.ts';
import { profileOf } from './untrusted-config.ts';

/**
 * The servers of one EKS cluster in the operator's own kubeconfig files. The tokens of each context are compared by
 * what the AWS CLI would decide for both, because a cluster of another account may have the same name.
 */
export async function serversOfCluster(
  paths: readonly string[],
  wanted: EKSAuthConfig,
  host: Host,
  decide: Decide,
): Promise<TrustedServer[]> {
  const clientNode = await loadClientNode();
  const found: TrustedServer[] = [];
  const identity = once(() => decided(wanted, decide));
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
      if (entry?.config === undefined || !hasSameNames(entry.config, wanted)) continue;
      if (!isSameConfig(entry.config, wanted)) {
        const [one, other] = [await decided(entry.config, decide), await identity()];
        if (one === undefined || other === undefined || !isSameIdentity(one, other)) continue;
      }
      const certificateAuthorityData = await authorityOf(entry.cluster);
      if (certificateAuthorityData === undefined) continue;
      found.push({ server: entry.cluster.server, certificateAuthorityData, ...trustedIdentityOf(wanted) });
    }
  }
  return found;
}

/** The fields of a trusted server that name the identity of a stanza. */
export function trustedIdentityOf(config: EKSAuthConfig): Partial<TrustedServer> {
  const { clusterName, clusterId, region, roleArn } = config;
  const profile = profileOf(config);
  return {
    ...(clusterName !== undefined && { clusterName }),
    ...(clusterId !== undefined && { clusterId }),
    ...(region !== undefined && { region }),
    ...(profile !== undefined && { profile }),
    ...(roleArn !== undefined && { roleArn }),
  };
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

/** Whether two stanzas name the same cluster. If not, no identity has to be decided. */
function hasSameNames(one: EKSAuthConfig, other: EKSAuthConfig): boolean {
  return one.clusterName === other.clusterName && one.clusterId === other.clusterId;
}

async function decided(config: EKSAuthConfig, decide: Decide): Promise<DecidedIdentity | undefined> {
  try {
    return await decide(config);
  } catch (error) {
    if (error instanceof EKSAuthError || error instanceof Undecidable) return undefined;
    throw error;
  }
}

/** The operator's file may name another file of the operator. */
async function authorityOf({ caData, caFile }: ClusterEntry): Promise<string | undefined> {
  if (caData !== undefined || caFile === undefined) return caData;
  return readFile(caFile).then(
    (bytes) => bytes.toString('base64'),
    () => undefined,
  );
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
