import type { AssumedRoleOptions } from './assumed-role.ts';
import type { ExecStanza } from './eks-auth-config.ts';

/** The parts of an identity besides the cluster. What is left out is as the AWS CLI decides. */
export interface IdentityOptions extends AssumedRoleOptions {
  /** AWS region of the cluster, for example `us-east-1`. Default: as the AWS CLI decides. */
  readonly region?: string | undefined;
  /** Profile in the AWS files. Default: as the AWS CLI decides. */
  readonly profile?: string | undefined;
  /** ARN of a role to assume with the credentials of the profile or environment. Default: none is assumed. */
  readonly roleArn?: string | undefined;
}

/** A cluster, by its name or by its id, and the identity to use for it. */
export type ClusterIdentity = IdentityOptions &
  (
    | {
        /** Name of the EKS cluster, as `aws eks list-clusters` shows it. */
        readonly clusterName: string;
        /** Either the name or the id. */
        readonly clusterId?: undefined;
      }
    | {
        /** Id of a local cluster on an AWS Outpost, which its tokens carry. */
        readonly clusterId: string;
        /** Either the name or the id. */
        readonly clusterName?: undefined;
      }
  );

/**
 * The stanza that `aws eks update-kubeconfig` would have written, for callers without a kubeconfig. From here on both
 * take the same path.
 */
export function stanzaForCluster(identity: ClusterIdentity): ExecStanza {
  const { region, profile, roleArn } = identity;
  const { clusterName, clusterId } = identity;
  const cluster = clusterName === undefined ? ['--cluster-id', clusterId] : ['--cluster-name', clusterName];
  const args = [
    ...(region === undefined ? [] : ['--region', region]),
    ...['eks', 'get-token', ...cluster, '--output', 'json'],
    ...(roleArn === undefined ? [] : ['--role-arn', roleArn]),
    ...(profile === undefined ? [] : ['--profile', profile]),
  ];
  return { command: 'aws', args };
}
