import { type Environment, overlaid } from '../../host.ts';
import type { VariableName } from '../../recording/mint-variables.ts';
import type { EKSAuthConfig } from './eks-auth-config.ts';
import type { CLIVersion } from './get-token-arguments.ts';

/** The variables that name a profile, in the order in which each generation of the AWS CLI looks at them. */
export const PROFILE_VARIABLES: Readonly<Record<CLIVersion, readonly VariableName[]>> = {
  v1: ['AWS_DEFAULT_PROFILE', 'AWS_PROFILE'],
  v2: ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE'],
};

/**
 * The profile whose credentials make the token, for remedies and lists. (A mint decides by the same order of variables:
 * plan/settings.ts.) A flag takes precedence over the variables. Keys in the environment take precedence over a profile
 * that a variable names. Without a requested generation of the AWS CLI, the order of v2 applies.
 * @param env - the variables of the process, which those of the stanza override. `{}`: what the kubeconfig alone says
 * @returns undefined where none is named, which is the default profile or no profile at all
 */
export function profileInForce({ profile, exec, cliVersion }: EKSAuthConfig, env: Environment): string | undefined {
  if (profile) return profile;
  const own = overlaid(env, exec.env.toEnvironment());
  if (own.AWS_ACCESS_KEY_ID) return undefined;
  const name = PROFILE_VARIABLES[cliVersion ?? 'v2'].find((variable) => own[variable] !== undefined);
  return name === undefined ? undefined : own[name] || undefined;
}
