import type { EKSAuthConfig } from '../aws/stanza/eks-auth-config.ts';
import { profileInForce } from '../aws/stanza/profile-in-force.ts';
import { EKSAuthError } from '../errors.ts';
import { isPlainName } from './plain-text.ts';

/**
 * The profile that the kubeconfig sets by a flag or in exec.env. The profile of this process is not shown to a model.
 */
export function profileOf(config: EKSAuthConfig): string | undefined {
  return profileInForce(config, {});
}

/** @throws EKSAuthError INVALID_CONFIG where a name is not a plain name */
export function requirePlainNames(config: EKSAuthConfig): void {
  const { clusterName, clusterId, region, roleArn } = config;
  const names = {
    'cluster name': clusterName,
    'cluster id': clusterId,
    region,
    profile: profileOf(config),
    role: roleArn,
  };
  for (const [what, name] of Object.entries(names)) {
    if (name === undefined || isPlainName(name)) continue;
    throw new EKSAuthError(
      'INVALID_CONFIG',
      `The ${what} in the kubeconfig has characters that this server does not accept.`,
      {
        remedy: 'Use letters, digits and - _ . : / @ + = , only, as `aws eks update-kubeconfig` writes them.',
      },
    );
  }
}

/** The same error with the given texts removed from its message and remedy. */
export function withoutTexts(error: unknown, texts: readonly string[]): unknown {
  if (!(error instanceof EKSAuthError)) return error;
  const without = (message: string) =>
    texts.reduce((rest, text) => (text === '' ? rest : rest.replaceAll(text, '…')), message);
  return new EKSAuthError(error.code, without(error.message), { remedy: without(error.remedy), cause: error.cause });
}

/** Two parsers of the same text disagree. */
export function ambiguous(): EKSAuthError {
  return new EKSAuthError('INVALID_KUBECONFIG', 'The kubeconfig can be read in two ways that do not agree.', {
    remedy: 'Recreate it with `aws eks update-kubeconfig`.',
  });
}
