import type { AssumedRoleOptions } from './assumed-role.ts';
import type { ExecStanza } from './eks-auth-config.ts';

/** What names a cluster and the identity to use for it. */
export interface ClusterIdentity extends AssumedRoleOptions {
  /** Name of the EKS cluster. */
  readonly clusterName: string;
  /** AWS region of the cluster, for example `us-east-1`. */
  readonly region?: string | undefined;
  /** Profile in the AWS files. Default: as the AWS CLI decides. */
  readonly profile?: string | undefined;
  /** Role to assume on top of the profile's or environment's credentials. */
  readonly roleArn?: string | undefined;
}

/** A local cluster on an AWS Outpost, which tokens name by its id. */
interface LocalClusterIdentity extends Omit<ClusterIdentity, 'clusterName'> {
  readonly clusterId: string;
}

/**
 * The stanza that `aws eks update-kubeconfig` would have written, for callers without a kubeconfig. From here on both
 * take the same path.
 */
export function stanzaForCluster(identity: ClusterIdentity | LocalClusterIdentity): ExecStanza {
  const { region, profile, roleArn } = identity;
  const cluster =
    'clusterId' in identity ? ['--cluster-id', identity.clusterId] : ['--cluster-name', identity.clusterName];
  const args = [
    ...(region === undefined ? [] : ['--region', region]),
    ...['eks', 'get-token', ...cluster, '--output', 'json'],
    ...(roleArn === undefined ? [] : ['--role-arn', roleArn]),
    ...(profile === undefined ? [] : ['--profile', profile]),
  ];
  return { command: 'aws', args };
}
