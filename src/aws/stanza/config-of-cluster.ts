import { EKSAuthError } from '../../errors.ts';
import { roleOptionsOf } from './assumed-role.ts';
import type { EKSAuthConfig } from './eks-auth-config.ts';
import { parseExecConfig } from './parse-exec-config.ts';
import { type ClusterIdentity, stanzaForCluster } from './stanza.ts';

/**
 * The config of a cluster without a kubeconfig: that of the stanza which `aws eks update-kubeconfig` would have written.
 * @param door - what the identity was given to, as its users call it
 * @throws EKSAuthError INVALID_CONFIG
 */
export function configOfCluster(door: string, identity: ClusterIdentity): EKSAuthConfig {
  const { clusterName, clusterId, region, profile, roleArn } = identity;
  // A JavaScript caller may pass both or neither.
  if (!clusterName === !clusterId) {
    const what = clusterName ? 'the name or the id of the cluster, not both' : 'the name of the cluster';
    throw new EKSAuthError('INVALID_CONFIG', `${door} needs ${what}.`, {
      remedy: "Pass { clusterName: 'prod', region: 'us-west-2' }; `aws eks list-clusters` shows the names.",
    });
  }
  const cluster = clusterName ? { clusterName } : { clusterId: clusterId ?? '' };
  const stanza = stanzaForCluster({ ...cluster, region, profile, roleArn });
  return parseExecConfig(stanza, roleOptionsOf(identity));
}
