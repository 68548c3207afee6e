import { checkGivenCredentials } from '../aws/given-credentials.ts';
import { EKSAuthError } from '../errors.ts';
import type { SelectedContext } from '../kubeconfig/select-context.ts';
import { shown } from '../text/nearest-names.ts';
import { type ClusterPlan, planCluster } from './assemble-cluster.ts';
import type { Describe } from './aws-cluster.ts';
import type { RegisterOptions } from './register-options.ts';
import { requireId } from './registry-errors.ts';
import { policyFor, type TrustOptions } from './trust.ts';

/** Where a kubeconfig came from, which decides what it may do, and whether its user has to be an EKS one. */
export interface Registration extends RegisterOptions {
  readonly from: 'path' | 'string';
  readonly eksOnly: boolean;
}

/**
 * Decides whether and how a context may be registered. EKS is asked about the cluster only where `trustedServers` says
 * so, and only after everything else about the context has been found harmless.
 * @throws EKSAuthError
 */
export async function planRegistration(
  selected: SelectedContext,
  { from, eksOnly, ...options }: Registration,
  defaults: TrustOptions,
  describe: Describe,
): Promise<ClusterPlan> {
  checkGivenCredentials(options);
  const policy = policyFor(from, options, defaults);
  const id = options.id === undefined ? undefined : requireId(options.id);
  const { trustedServers } = policy;
  if (trustedServers !== 'describe-cluster')
    return planCluster(selected, { ...policy, trustedServers }, { eksOnly, id });
  const plan = planCluster(selected, { ...policy, trustedServers: 'kubeconfig' }, { eksOnly, id });
  // EKS knows nothing of a cluster without an EKS user.
  if (plan.config === undefined) return planCluster(selected, { ...policy, trustedServers: [] }, { eksOnly, id });
  const { endpoint, certificateAuthorityData } = await describe(plan.config, policy.execPolicy, options.signal);
  if (selected.cluster.caFile !== undefined) throw unlikeDescribed(selected);
  const vouched = [{ server: endpoint, certificateAuthorityData }];
  return planCluster(selected, { ...policy, trustedServers: vouched }, { eksOnly, id });
}

/** What a file holds may change after it was compared. */
function unlikeDescribed({ cluster, place }: SelectedContext): EKSAuthError {
  const message = `cluster ${shown(cluster.name)} in ${place} has its certificate authority in a file, which cannot be compared with DescribeCluster's answer.`;
  return new EKSAuthError('SERVER_UNTRUSTED', message, {
    remedy: 'Write certificate-authority-data in its place, as `aws eks update-kubeconfig` does.',
  });
}
