import { describeCluster, type EKSClusterFacts } from '../aws/describe-cluster.ts';
import type { EKSAuthConfig } from '../aws/eks-auth-config.ts';
import type { MintMemory } from '../aws/mint-memory.ts';
import type { ExecPolicy } from '../aws/obtain-token.ts';
import { parseExecConfig } from '../aws/parse-exec-config.ts';
import { stanzaForCluster } from '../aws/stanza.ts';
import { EKSAuthError } from '../errors.ts';
import { type Host, withEnvironment } from '../host.ts';
import type { SelectedContext } from '../kubeconfig/select-context.ts';
import { linkSignals } from '../system/link-signals.ts';
import { unlessAborted } from '../system/unless-aborted.ts';

/** A cluster by its name at AWS, and whatever of the identity is not to be the default. */
export interface AWSClusterRequest {
  /** As `aws eks list-clusters` shows it. */
  readonly name: string;
  /** For example `us-east-1`. */
  readonly region: string;
  /** Profile in the AWS files. Default: as the AWS CLI decides. */
  readonly profile?: string;
  /** Role to assume: it asks EKS about the cluster, and its tokens are made with it. */
  readonly roleArn?: string;
}

/** Whatever asks EKS. */
export type Describe = (
  config: EKSAuthConfig,
  execPolicy: ExecPolicy,
  signal: AbortSignal | undefined,
) => Promise<EKSClusterFacts>;

/**
 * Asks with the identity that the cluster's tokens are made with.
 * @param ended aborts whatever is being asked
 */
export function describer(host: Host, memory?: MintMemory, ended?: AbortSignal): Describe {
  return async (config, execPolicy, given) => {
    const { signal, unlink } = linkSignals([ended, given]);
    const asked = describeCluster({
      config,
      host: withEnvironment(host, config.exec.env.toEnvironment()),
      programs: execPolicy === 'allow',
      signal,
      ...(memory && { memory }),
    });
    const facts = await unlessAborted(asked, signal).finally(unlink);
    if (facts.privateOnly) host.logger.info('the API server is reachable from its VPC only', { cluster: facts.arn });
    return facts;
  };
}

/**
 * The context that `aws eks update-kubeconfig` would write for a cluster.
 * @throws EKSAuthError
 */
export async function describedContext(
  request: AWSClusterRequest,
  describe: Describe,
  signal: AbortSignal | undefined,
): Promise<SelectedContext> {
  const { name, region, profile, roleArn } = request;
  if (!name || !region) {
    const missing = name ? 'region' : 'name';
    throw new EKSAuthError('INVALID_CONFIG', `registerAWSCluster needs the ${missing} of the cluster.`, {
      remedy: "Pass { name: 'prod', region: 'us-west-2' }; `aws eks list-clusters` shows the names.",
    });
  }
  const stanza = stanzaForCluster({
    clusterName: name,
    region,
    ...(profile !== undefined && { profile }),
    ...(roleArn !== undefined && { roleArn }),
  });
  const { arn, endpoint, certificateAuthorityData } = await describe(parseExecConfig(stanza), 'allow', signal);
  return {
    context: { name: arn, cluster: arn, user: arn },
    cluster: { name: arn, server: endpoint, caData: certificateAuthorityData, skipTLSVerify: false },
    user: { name: arn, exec: { command: stanza.command, args: stanza.args ?? [], env: [] } },
    place: 'the answer of DescribeCluster',
  };
}
