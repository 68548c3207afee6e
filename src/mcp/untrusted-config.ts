import type { EKSAuthConfig } from '../aws/stanza/eks-auth-config.ts';
import { profileInForce } from '../aws/stanza/profile-in-force.ts';
import { enforceAllowances } from '../cluster/trust/allowances.ts';
import { policyFor } from '../cluster/trust/trust-policy.ts';
import type { EKSAuthError } from '../errors.ts';
import type { SelectedContext } from '../kubeconfig/read/select-context.ts';
import { isPlainName } from '../text/foreign-text.ts';
import { own, sentence } from '../text/sentence.ts';
import { refusal } from './refusal.ts';

/**
 * The profile that the kubeconfig sets by a flag or in exec.env. The profile of this process is not shown to a model.
 */
export function profileOf(config: EKSAuthConfig): string | undefined {
  return profileInForce(config, {});
}

/**
 * Checks what a kubeconfig asks for before anything is decided for it: that may read files that it names.
 * @throws EKSAuthError INVALID_CONFIG where a name is not a plain name; EXEC_DENIED, SERVER_UNTRUSTED
 */
export function requireHarmless(selected: SelectedContext, config: EKSAuthConfig): void {
  requirePlainNames(config);
  enforceAllowances(selected, config, { ...policyFor('string'), trustedServers: [] });
}

function requirePlainNames(config: EKSAuthConfig): void {
  const { clusterName, clusterId, region, roleArn, exec } = config;
  const names = {
    'cluster name': clusterName,
    'cluster id': clusterId,
    region,
    profile: profileOf(config),
    role: roleArn,
    command: exec.command.replace(/^[~.]*\//, ''),
  };
  for (const [what, name] of Object.entries(names)) {
    if (name === undefined || isPlainName(name)) continue;
    throw refusal(
      'INVALID_CONFIG',
      sentence`The ${own(what)} in the kubeconfig has characters that this server does not accept.`,
      own(
        'Ask the user for a kubeconfig with letters, digits and - _ . : / @ + = , only, as `aws eks update-kubeconfig` writes them.',
      ),
    );
  }
}

/** Two parsers of the same text disagree. */
export function ambiguous(): EKSAuthError {
  return refusal(
    'INVALID_KUBECONFIG',
    own('The kubeconfig can be read in two ways that do not agree.'),
    own('Ask the user to write it again with `aws eks update-kubeconfig --name CLUSTER --region REGION`.'),
  );
}

/** A model cannot use a cluster whose id it must not see. */
export function unknownName(): EKSAuthError {
  return refusal(
    'INVALID_CONFIG',
    own('The name of the cluster in the kubeconfig cannot be shown.'),
    own('Pass a cluster_id of letters, digits and - _ . : / @ + = , only.'),
  );
}
