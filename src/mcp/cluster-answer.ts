import type * as z from 'zod';
import type { Cluster } from '../cluster/clients/cluster.ts';
import { EKSAuthError } from '../errors.ts';
import { forModel } from '../text/foreign-text.ts';
import { own } from '../text/sentence.ts';
import type { clusterOutput } from './schemas.ts';
import { profileOf } from './untrusted-config.ts';

/** The description of a cluster in the answers of the tools. */
export function clusterAnswer(cluster: Cluster): z.infer<typeof clusterOutput> {
  const { eksAuth, tokenManager } = cluster;
  if (eksAuth === undefined || tokenManager === undefined) {
    throw new EKSAuthError('NOT_EKS', own('The cluster does not authenticate through AWS.'), {
      remedy: own('Use another cluster.'),
    });
  }
  const { clusterName, clusterId, region, roleArn } = eksAuth;
  const { state, expiresAt } = tokenManager.status();
  const profile = profileOf(eksAuth);
  return {
    cluster_id: forModel(cluster.id),
    cluster_name: forModel(clusterName ?? clusterId ?? ''),
    ...(region !== undefined && { region: forModel(region) }),
    server: forModel(cluster.server),
    context: forModel(cluster.context),
    ...(profile !== undefined && { profile: forModel(profile) }),
    ...(roleArn !== undefined && { role_arn: forModel(roleArn) }),
    token: { state, ...(expiresAt !== undefined && { expires_at: expiresAt.toISOString() }) },
  };
}
