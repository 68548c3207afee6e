import type { EKSAuthConfig } from '../aws/stanza/eks-auth-config.ts';
import { profileInForce } from '../aws/stanza/profile-in-force.ts';
import { enforceAllowances } from '../cluster/trust/allowances.ts';
import { policyFor } from '../cluster/trust/trust-policy.ts';
import { EKSAuthError, sentencesOf } from '../errors.ts';
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
  try {
    enforceAllowances(selected, config, { ...policyFor('string'), trustedServers: [] });
  } catch (error) {
    throw withFieldToRemove(error, selected);
  }
}

/** Whether {@link requireHarmless} accepts it. */
export function isHarmless(selected: SelectedContext, config: EKSAuthConfig): boolean {
  try {
    requireHarmless(selected, config);
    return true;
  } catch (error) {
    if (error instanceof EKSAuthError) return false;
    throw error;
  }
}

/** No option of this server allows these fields, so the remedy names the one to remove. */
function withFieldToRemove(error: unknown, { cluster }: SelectedContext): unknown {
  if (!(error instanceof EKSAuthError) || error.code !== 'SERVER_UNTRUSTED') return error;
  const { proxyUrl, skipTLSVerify, tlsServerName } = cluster;
  const fields = [
    proxyUrl !== undefined && 'proxy-url',
    skipTLSVerify && 'insecure-skip-tls-verify',
    tlsServerName !== undefined && 'tls-server-name',
  ].filter((field) => typeof field === 'string');
  const { message } = sentencesOf(error);
  if (fields.length === 0 || message === undefined) return error;
  const listed = fields.join(' and ');
  return refusal(
    error.code,
    message,
    own(
      `Ask the user to remove ${listed} from the kubeconfig, or pass its text without ${fields.length === 1 ? 'it' : 'them'}. No option of this server allows ${listed}.`,
    ),
    error,
  );
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
