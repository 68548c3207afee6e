import { resolve } from 'node:path';
import type { DecidedIdentity } from '../../aws/mint/decide-identity.ts';
import { type EKSAuthConfig, isSameConfig } from '../../aws/stanza/eks-auth-config.ts';
import { Undecidable } from '../../aws/undecidable.ts';
import { type Decide, isSameIdentity } from '../../cluster/trust/compare-trusted-servers.ts';
import type { TrustedServer } from '../../cluster/trust/trusted-servers.ts';
import { EKSAuthError } from '../../errors.ts';
import type { ClusterEntry } from '../../kubeconfig/read/kubeconfig-file.ts';
import { readBytes } from '../../system/read-file.ts';
import { profileOf } from '../untrusted-config.ts';
import type { EKSContext } from './operator-contexts.ts';

/**
 * The servers of one EKS cluster in the operator's own kubeconfig files. The tokens of each context are compared by
 * what the AWS CLI would decide for both, because a cluster of another account may have the same name.
 */
export async function serversOfCluster(
  contexts: readonly EKSContext[],
  wanted: EKSAuthConfig,
  decide: Decide,
): Promise<TrustedServer[]> {
  const found: TrustedServer[] = [];
  const identity = once(() => decided(wanted, decide));
  for (const { selected, config, directory } of contexts) {
    if (!hasSameNames(config, wanted)) continue;
    if (!isSameConfig(config, wanted)) {
      const [one, other] = [await decided(config, decide), await identity()];
      if (one === undefined || other === undefined || !isSameIdentity(one, other)) continue;
    }
    const certificateAuthorityData = await authorityOf(selected.cluster, directory);
    if (certificateAuthorityData === undefined) continue;
    found.push({ server: selected.cluster.server, certificateAuthorityData, ...trustedIdentityOf(wanted) });
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
async function authorityOf({ caData, caFile }: ClusterEntry, directory: string): Promise<string | undefined> {
  if (caData !== undefined || caFile === undefined) return caData;
  return readBytes(resolve(directory, caFile)).then(
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
