import type { EKSAuthConfig } from '../aws/eks-auth-config.ts';
import { profileInForce } from '../aws/profile-in-force.ts';
import { EKSAuthError } from '../errors.ts';
import { isPlainName } from './safe-text.ts';

/** The profile that the kubeconfig chooses, by a flag or in exec.env: that of this process is not a model's business. */
export function profileOf(config: EKSAuthConfig): string | undefined {
  return profileInForce(config, {});
}

/** @throws EKSAuthError INVALID_CONFIG where a name could hold a sentence */
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
      `The ${what} in the kubeconfig holds characters that this server does not pass on.`,
      {
        remedy: 'Use letters, digits and - _ . : / @ + = , only, as `aws eks update-kubeconfig` writes them.',
      },
    );
  }
}

/** The same failure without what a stranger wrote. */
export function withoutTexts(error: unknown, texts: readonly string[]): unknown {
  if (!(error instanceof EKSAuthError)) return error;
  const without = (message: string) =>
    texts.reduce((rest, text) => (text === '' ? rest : rest.replaceAll(text, '…')), message);
  return new EKSAuthError(error.code, without(error.message), { remedy: without(error.remedy), cause: error.cause });
}

/** That two readers of one text disagree. */
export function ambiguous(): EKSAuthError {
  return new EKSAuthError('INVALID_KUBECONFIG', 'The kubeconfig can be read in two ways that do not agree.', {
    remedy: 'Write it anew with `aws eks update-kubeconfig`.',
  });
}
