import type { DecidedIdentity } from '../../aws/mint/decide-identity.ts';
import type { AssumedRoleOptions } from '../../aws/stanza/assumed-role.ts';
import type { EKSAuthConfig } from '../../aws/stanza/eks-auth-config.ts';
import { readEKSUser, requireEKSUser } from '../../aws/stanza/eks-user.ts';
import { checkOneSource } from '../../aws/token/auth-provider.ts';
import { checkGivenCredentials } from '../../aws/token/given-credentials.ts';
import { EKSAuthError } from '../../errors.ts';
import { type SelectedContext, withoutSource } from '../../kubeconfig/read/select-context.ts';
import { own, sentence } from '../../text/sentence.ts';
import { requireId } from '../clients/registry-errors.ts';
import { enforceAllowances } from '../trust/allowances.ts';
import { requireTrusted } from '../trust/require-trusted.ts';
import { notHTTPS } from '../trust/trust-errors.ts';
import { type DecidedPolicy, policyFor, type TrustOptions } from '../trust/trust-policy.ts';
import { canonicalServer } from '../trust/trusted-servers.ts';
import type { ClusterPlan } from './assemble-cluster.ts';
import type { Advisers } from './aws-cluster.ts';
import { defaultClusterId } from './cluster-id.ts';
import type { RegisterOptions } from './register-options.ts';

/** The options of a registration, the origin of its kubeconfig, and whether the user must be an EKS user. */
export interface Registration extends RegisterOptions {
  /** Decides the defaults of the trust options. */
  readonly from: 'path' | 'string';
  readonly eksOnly: boolean;
  /** Options of the role that a stanza cannot express, for a cluster without a kubeconfig. */
  readonly assumedRole?: AssumedRoleOptions;
}

/** For contexts that ekspress makes itself: the defaults of the registry do not apply to them. */
export const OWN: Pick<Registration, 'from' | 'execPolicy' | 'trustedServers' | 'allow'> = {
  from: 'path',
  execPolicy: 'allow',
  trustedServers: 'kubeconfig',
  allow: ['file-references'],
};

/**
 * Decides whether and how a context may be registered. DescribeCluster is called only where `trustedServers` asks for
 * it, and only after all other checks have passed.
 * @throws EKSAuthError
 */
export async function planRegistration(
  context: SelectedContext,
  { from, eksOnly, assumedRole, ...options }: Registration,
  defaults: TrustOptions,
  advisers: Advisers,
): Promise<ClusterPlan> {
  checkGivenCredentials(options);
  checkOneSource(options);
  // The text of a large kubeconfig is dropped, so that a cluster in use does not keep it in memory.
  const selected = withoutSource(context);
  const policy = policyFor(from, options, defaults);
  const id = options.id === undefined ? undefined : requireId(options.id);
  const config = eksOnly ? requireEKSUser(selected, assumedRole) : readEKSUser(selected, assumedRole);
  const decide = options.credentials === undefined && options.authProvider === undefined ? advisers.decide : asGiven;
  const { trustedServers, execPolicy } = policy;
  let decided: DecidedPolicy;
  let described = false;
  if (trustedServers !== 'describe-cluster') {
    decided = { ...policy, trustedServers };
    enforceAllowances(selected, config, decided);
  } else if (config === undefined) {
    // Without an EKS user there is no name to call DescribeCluster with.
    decided = { ...policy, trustedServers: [] };
    enforceAllowances(selected, config, decided);
  } else {
    enforceAllowances(selected, config, { ...policy, trustedServers: [] });
    if (canonicalServer(selected.cluster.server) === undefined) throw notHTTPS(selected);
    const { endpoint, certificateAuthorityData } = await advisers.describe(
      config,
      execPolicy,
      options.signal,
      options.credentials,
    );
    if (selected.cluster.caFile !== undefined) throw unlikeDescribed(selected);
    decided = { ...policy, trustedServers: [{ server: endpoint, certificateAuthorityData }] };
    described = true;
  }
  const check = async (other: SelectedContext): Promise<SelectedContext> => {
    enforceAllowances(other, config, decided);
    return requireTrusted(other, config, decided, { decide, described });
  };
  const trusted = await requireTrusted(selected, config, decided, { decide, described });
  return { id: id ?? defaultClusterId(trusted, config, from), selected: trusted, config, execPolicy, check };
}

/** The caller's own credentials or tokens replace those that the kubeconfig names; a role is still assumed with them. */
async function asGiven({ clusterName, clusterId, region, roleArn }: EKSAuthConfig): Promise<DecidedIdentity> {
  const byId = clusterId !== undefined;
  return { cluster: clusterId ?? clusterName ?? '', byId, region, endpoint: '', principal: `given ${roleArn ?? ''}` };
}

/** The error for a certificate authority in a file. The file could change after the comparison. */
function unlikeDescribed({ cluster, place }: SelectedContext): EKSAuthError {
  const message = sentence`cluster ${cluster.name} in ${own(place)} has its certificate authority in a file, which is not compared with the answer of DescribeCluster.`;
  return new EKSAuthError('SERVER_UNTRUSTED', message, {
    remedy: 'Use certificate-authority-data instead, as `aws eks update-kubeconfig` does.',
  });
}
