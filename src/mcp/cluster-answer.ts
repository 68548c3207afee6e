import type * as z from 'zod';
import type { Cluster } from '../cluster/clients/cluster.ts';
import { EKSAuthError } from '../errors.ts';
import { plainName } from './plain-text.ts';
import type { clusterOutput } from './schemas.ts';
import { profileOf } from './untrusted-config.ts';

/** The description of a cluster in the answers of the tools. */
export function clusterAnswer(cluster: Cluster): z.infer<typeof clusterOutput> {
  const { eksAuth, tokenManager } = cluster;
  if (eksAuth === undefined || tokenManager === undefined) {
    throw new EKSAuthError('NOT_EKS', 'The cluster does not authenticate through AWS.', {
      remedy: 'Use another cluster.',
    });
  }
  const { clusterName, clusterId, region, roleArn } = eksAuth;
  const { state, expiresAt } = tokenManager.status();
  const profile = profileOf(eksAuth);
  return {
    cluster_id: plainName(cluster.id),
    cluster_name: plainName(clusterName ?? clusterId ?? ''),
    ...(region !== undefined && { region: plainName(region) }),
    server: plainName(cluster.server),
    context: plainName(cluster.context),
    ...(profile !== undefined && { profile: plainName(profile) }),
    ...(roleArn !== undefined && { role_arn: plainName(roleArn) }),
    token: { state, ...(expiresAt !== undefined && { expires_at: expiresAt.toISOString() }) },
  };
}
