import { checkArgument, checkOptions } from '../../options/check-options.ts';
import { that } from '../../options/checks.ts';
import { configOfCluster } from '../stanza/config-of-cluster.ts';
import { type EKSAuthConfig, requireParsed } from '../stanza/eks-auth-config.ts';
import type { ClusterIdentity } from '../stanza/stanza.ts';
import { IDENTITY_SCHEMA } from '../stanza/stanza-schemas.ts';

const CLUSTER = that("an EKSAuthConfig, or the cluster's { clusterName, region }", (value) => {
  return typeof value === 'object' && value !== null;
});

/**
 * The config that a TokenManager is made with: a parsed one, or that of a cluster by its name.
 * @throws EKSAuthError INVALID_CONFIG
 */
export function configFrom(cluster: EKSAuthConfig | ClusterIdentity): EKSAuthConfig {
  checkArgument('TokenManager', 'cluster', cluster, CLUSTER);
  const named = typeof cluster === 'object' && cluster !== null && !('exec' in cluster);
  if (!named || Object.keys(cluster).length === 0) return requireParsed(cluster);
  checkOptions('TokenManager', cluster, IDENTITY_SCHEMA);
  // A copy of a config with a changed field: the fields of a config are not copied.
  if (!('clusterName' in cluster || 'clusterId' in cluster)) return requireParsed(cluster);
  return configOfCluster('TokenManager', cluster);
}
