import type * as z from 'zod';
import type { Cluster } from '../cluster/clients/cluster.ts';
import { own } from '../text/sentence.ts';
import type { KnownWords } from './known-words.ts';
import { refusal } from './refusal.ts';
import type { clusterOutput } from './schemas.ts';
import { profileOf } from './untrusted-config.ts';

/** The description of a cluster in the answers of the tools. */
export function clusterAnswer(cluster: Cluster, words: KnownWords): z.infer<typeof clusterOutput> {
  const { eksAuth, tokenManager } = cluster;
  if (eksAuth === undefined || tokenManager === undefined) {
    throw refusal('NOT_EKS', own('The cluster does not authenticate through AWS.'), own('Use another cluster.'));
  }
  const { clusterName, clusterId, region, roleArn } = eksAuth;
  const { state, expiresAt } = tokenManager.status();
  const profile = profileOf(eksAuth);
  return {
    cluster_id: words.show(cluster.id),
    cluster_name: words.show(clusterName ?? clusterId ?? ''),
    ...(region !== undefined && { region: words.show(region) }),
    server: words.show(cluster.server),
    context: words.show(cluster.context),
    ...(profile !== undefined && { profile: words.show(profile) }),
    ...(roleArn !== undefined && { role_arn: words.show(roleArn) }),
    token: { state, ...(expiresAt !== undefined && { expires_at: expiresAt.toISOString() }) },
  };
}
