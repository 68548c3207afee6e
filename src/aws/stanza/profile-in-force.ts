import { type Environment, overlaid } from '../../host.ts';
import type { VariableName } from '../../recording/variables.ts';
import type { EKSAuthConfig } from './eks-auth-config.ts';
import type { CLIVersion } from './get-token-arguments.ts';

/** The variables that name a profile, in the order in which each generation of the AWS CLI looks at them. */
export const PROFILE_VARIABLES: Readonly<Record<CLIVersion, readonly VariableName[]>> = {
  v1: ['AWS_DEFAULT_PROFILE', 'AWS_PROFILE'],
  v2: ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE'],
};

/**
 * The profile whose credentials make the token: what remedies and lists name. A flag stands before the variables, and keys
 * in the environment stand before a profile that a variable names. Where no generation of the AWS CLI was asked for, v2 is
 * taken.
 * @param env - the process's variables; the stanza's go over them. `{}`: what the kubeconfig alone says
 * @returns undefined where none is named, which is the default profile or no profile at all
 */
export function profileInForce({ profile, exec, cliVersion }: EKSAuthConfig, env: Environment): string | undefined {
  if (profile) return profile;
  const own = overlaid(env, exec.env.toEnvironment());
  if (own.AWS_ACCESS_KEY_ID) return undefined;
  const name = PROFILE_VARIABLES[cliVersion ?? 'v2'].find((variable) => own[variable] !== undefined);
  return name === undefined ? undefined : own[name] || undefined;
}
