import { checkGivenCredentials } from '../../aws/token/given-credentials.ts';
import { EKSAuthError } from '../../errors.ts';
import { type SelectedContext, withoutSource } from '../../kubeconfig/read/select-context.ts';
import { shown } from '../../text/nearest-names.ts';
import { requireId } from '../clients/registry-errors.ts';
import { policyFor, type TrustOptions } from '../trust/trust.ts';
import { type ClusterPlan, planCluster } from './assemble-cluster.ts';
import type { Describe } from './aws-cluster.ts';
import type { RegisterOptions } from './register-options.ts';

/** The options of a registration, the origin of its kubeconfig, and whether the user must be an EKS user. */
export interface Registration extends RegisterOptions {
  /** Decides the defaults of the trust options. */
  readonly from: 'path' | 'string';
  readonly eksOnly: boolean;
}

/**
 * Decides whether and how a context may be registered. DescribeCluster is called only where `trustedServers` asks for
 * it, and only after all other checks have passed.
 * @throws EKSAuthError
 */
export async function planRegistration(
  context: SelectedContext,
  { from, eksOnly, ...options }: Registration,
  defaults: TrustOptions,
  describe: Describe,
): Promise<ClusterPlan> {
  checkGivenCredentials(options);
  // A cluster that lives long keeps no text of a large kubeconfig.
  const selected = withoutSource(context);
  const policy = policyFor(from, options, defaults);
  const id = options.id === undefined ? undefined : requireId(options.id);
  const { trustedServers } = policy;
  if (trustedServers !== 'describe-cluster')
    return planCluster(selected, { ...policy, trustedServers }, { eksOnly, id });
  const plan = planCluster(selected, { ...policy, trustedServers: 'kubeconfig' }, { eksOnly, id });
  // Without an EKS user there is no name to call DescribeCluster with.
  if (plan.config === undefined) return planCluster(selected, { ...policy, trustedServers: [] }, { eksOnly, id });
  const { endpoint, certificateAuthorityData } = await describe(plan.config, policy.execPolicy, options.signal);
  if (selected.cluster.caFile !== undefined) throw unlikeDescribed(selected);
  const described = [{ server: endpoint, certificateAuthorityData }];
  return planCluster(selected, { ...policy, trustedServers: described }, { eksOnly, id });
}

/** A file could change after the comparison. */
function unlikeDescribed({ cluster, place }: SelectedContext): EKSAuthError {
  const message = `cluster ${shown(cluster.name)} in ${place} has its certificate authority in a file, which is not compared with the answer of DescribeCluster.`;
  return new EKSAuthError('SERVER_UNTRUSTED', message, {
    remedy: 'Use certificate-authority-data instead, as `aws eks update-kubeconfig` does.',
  });
}
