import type { MintMemory } from '../../aws/context/mint-memory.ts';
import { decideIdentity } from '../../aws/mint/decide-identity.ts';
import { describeCluster, type EKSClusterFacts } from '../../aws/mint/describe-cluster.ts';
import type { AssumedRoleOptions } from '../../aws/stanza/assumed-role.ts';
import type { EKSAuthConfig } from '../../aws/stanza/eks-auth-config.ts';
import { parseExecConfig } from '../../aws/stanza/parse-exec-config.ts';
import { stanzaForCluster } from '../../aws/stanza/stanza.ts';
import type { ExecPolicy } from '../../aws/token/token-request.ts';
import { EKSAuthError } from '../../errors.ts';
import { type Host, withEnvironment } from '../../host.ts';
import type { SelectedContext } from '../../kubeconfig/read/select-context.ts';
import { linkSignals } from '../../system/link-signals.ts';
import { unlessAborted } from '../../system/unless-aborted.ts';
import type { Decide } from '../trust/compare-trusted-servers.ts';

/** A cluster by its AWS name, and the parts of the identity that differ from the default. */
export interface AWSClusterRequest extends AssumedRoleOptions {
  /** As `aws eks list-clusters` shows it. */
  readonly name: string;
  /** For example `us-east-1`. */
  readonly region: string;
  /** Profile in the AWS files. Default: the one that the AWS CLI would use. */
  readonly profile?: string | undefined;
  /** Role to assume, for DescribeCluster and for the tokens. */
  readonly roleArn?: string | undefined;
}

/** Calls DescribeCluster for a config. */
export type Describe = (
  config: EKSAuthConfig,
  execPolicy: ExecPolicy,
  signal: AbortSignal | undefined,
) => Promise<EKSClusterFacts>;

/** Who is asked about a server that a kubeconfig names. */
export interface Advisers {
  readonly describe: Describe;
  readonly decide: Decide;
}

/** The advisers in the environment of one host. */
export function advisersOf(host: Host, memory?: MintMemory, ended?: AbortSignal): Advisers {
  return { describe: describer(host, memory, ended), decide: decider(host, memory) };
}

/**
 * Calls DescribeCluster with the identity of the cluster's tokens.
 * @param ended aborts every call that is in progress
 */
function describer(host: Host, memory?: MintMemory, ended?: AbortSignal): Describe {
  return async (config, execPolicy, given) => {
    const { signal, unlink } = linkSignals([ended, given]);
    const described = describeCluster({
      config,
      host: withEnvironment(host, config.exec.env.toEnvironment()),
      programs: execPolicy === 'allow',
      signal,
      ...(memory && { memory }),
    });
    const facts = await unlessAborted(described, signal).finally(unlink);
    if (facts.privateOnly) host.logger.info('the API server is reachable from its VPC only', { cluster: facts.arn });
    return facts;
  };
}

/** Decides identities in the environment of a host. Starts no program and looks at no path of a stanza. */
export function decider(host: Host, memory?: MintMemory): Decide {
  return (config) =>
    decideIdentity({
      config,
      host: withEnvironment(host, config.exec.env.toEnvironment()),
      ...(memory && { memory }),
    });
}

/**
 * Makes the context that `aws eks update-kubeconfig` would write for a cluster.
 * @throws EKSAuthError
 */
export async function describedContext(
  request: AWSClusterRequest,
  describe: Describe,
  signal: AbortSignal | undefined,
): Promise<SelectedContext> {
  const { name, region, profile, roleArn, externalId, sessionName, durationSeconds } = request;
  if (!name || !region) {
    const missing = name ? 'region' : 'name';
    throw new EKSAuthError('INVALID_CONFIG', `registerAWSCluster needs the ${missing} of the cluster.`, {
      remedy: "Pass { name: 'prod', region: 'us-west-2' }; `aws eks list-clusters` shows the names.",
    });
  }
  const identity = { region, ...(profile !== undefined && { profile }), ...(roleArn !== undefined && { roleArn }) };
  const assumedRole = { externalId, sessionName, durationSeconds };
  const byName = stanzaForCluster({ clusterName: name, ...identity });
  const facts = await describe(parseExecConfig(byName, assumedRole), 'allow', signal);
  const { arn, endpoint, certificateAuthorityData, tokenClusterId } = facts;
  const stanza = tokenClusterId === undefined ? byName : stanzaForCluster({ clusterId: tokenClusterId, ...identity });
  return {
    context: { name: arn, cluster: arn, user: arn },
    cluster: { name: arn, server: endpoint, caData: certificateAuthorityData, skipTLSVerify: false },
    user: { name: arn, exec: { command: stanza.command, args: stanza.args ?? [], env: [] } },
    place: 'the answer of DescribeCluster',
  };
}
