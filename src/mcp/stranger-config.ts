import type { EKSAuthConfig } from '../aws/eks-auth-config.ts';
import { EKSAuthError } from '../errors.ts';
import { isPlainName } from './safe-text.ts';

/** The AWS profile that the kubeconfig chooses, by a flag or in exec.env. */
export function profileOf({ profile, exec }: EKSAuthConfig): string | undefined {
  return profile ?? exec.env.get('AWS_PROFILE') ?? exec.env.get('AWS_DEFAULT_PROFILE');
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

/** Whether two readings of a kubeconfig mean the same token. */
export function isSameConfig(one: EKSAuthConfig | undefined, other: EKSAuthConfig): boolean {
  const facts = (config: EKSAuthConfig | undefined) =>
    config && [
      config.clusterName,
      config.clusterId,
      config.region,
      config.profile,
      config.roleArn,
      config.exec.args,
      config.exec.env.toEnvironment(),
    ];
  return JSON.stringify(facts(one)) === JSON.stringify(facts(other));
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
