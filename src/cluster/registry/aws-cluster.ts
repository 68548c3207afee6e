import type { MintMemory } from '../../aws/context/mint-memory.ts';
import { decideIdentity } from '../../aws/mint/decide-identity.ts';
import { describeCluster, type EKSClusterFacts } from '../../aws/mint/describe-cluster.ts';
import { configOfCluster } from '../../aws/stanza/config-of-cluster.ts';
import type { EKSAuthConfig } from '../../aws/stanza/eks-auth-config.ts';
import { type IdentityOptions, stanzaForCluster } from '../../aws/stanza/stanza.ts';
import { type GivenCredentials, withGivenCredentials } from '../../aws/token/given-credentials.ts';
import type { ExecPolicy } from '../../aws/token/token-request.ts';
import { EKSAuthError } from '../../errors.ts';
import { type Host, withEnvironment } from '../../host.ts';
import type { SelectedContext } from '../../kubeconfig/read/select-context.ts';
import { linkSignals } from '../../system/link-signals.ts';
import { unlessAborted } from '../../system/unless-aborted.ts';
import type { Decide } from '../trust/compare-trusted-servers.ts';
import type { RegisterAWSOptions } from './register-options.ts';

/** A cluster by its AWS name and region, and the parts of the identity that differ from the default. */
export type AWSClusterRequest = Omit<IdentityOptions, 'region'> & {
  /** For example `us-east-1`. */
  readonly region: string;
} & (
    | {
        /** As `aws eks list-clusters` shows it. */
        readonly clusterName: string;
        /** Either this or `clusterName`. */
        readonly name?: undefined;
      }
    | {
        /** The same as `clusterName`. */
        readonly name: string;
        /** Either this or `name`. */
        readonly clusterName?: undefined;
      }
  );

/** Calls DescribeCluster for a config. */
export type Describe = (
  config: EKSAuthConfig,
  execPolicy: ExecPolicy,
  signal: AbortSignal | undefined,
  credentials?: GivenCredentials['credentials'],
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
  return async (config, execPolicy, given, credentials) => {
    const { signal, unlink } = linkSignals([ended, given]);
    const ask = async (): Promise<EKSClusterFacts> => {
      const plain = { config, host: withEnvironment(host, config.exec.env.toEnvironment()) };
      const own = credentials && (await withGivenCredentials(config, host, credentials, signal));
      const more = { programs: execPolicy === 'allow', signal, ...(memory && { memory }) };
      return describeCluster({ ...plain, ...more, ...(own && { ...own, ownKeys: true }) });
    };
    const described = ask();
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
  { signal, credentials, execPolicy = 'allow', describeAs }: RegisterAWSOptions,
): Promise<SelectedContext> {
  const { name, clusterName = name, ...identity } = request;
  if (!clusterName || !identity.region) {
    const missing = clusterName ? 'region' : 'name';
    throw new EKSAuthError('INVALID_CONFIG', `registerAWSCluster needs the ${missing} of the cluster.`, {
      remedy: "Pass { clusterName: 'prod', region: 'us-west-2' }; `aws eks list-clusters` shows the names.",
    });
  }
  const { region, profile, roleArn } = identity;
  const asked = describeAs ? { ...describeAs, region } : { ...identity, credentials };
  const config = configOfCluster('registerAWSCluster', { ...asked, clusterName });
  const facts = await describe(config, execPolicy, signal, asked.credentials);
  const { arn, endpoint, certificateAuthorityData, tokenClusterId } = facts;
  const cluster = tokenClusterId === undefined ? { clusterName } : { clusterId: tokenClusterId };
  const stanza = stanzaForCluster({ ...cluster, region, profile, roleArn });
  return {
    context: { name: arn, cluster: arn, user: arn },
    cluster: { name: arn, server: endpoint, caData: certificateAuthorityData, skipTLSVerify: false },
    user: { name: arn, exec: { command: stanza.command, args: stanza.args ?? [], env: [] } },
    place: 'the answer of DescribeCluster',
  };
}
