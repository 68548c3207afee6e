import { readSignIn } from '../../aws/mint/sign-in.ts';
import type { EKSAuthConfig } from '../../aws/stanza/eks-auth-config.ts';
import { type Environment, hostFrom, type Logger } from '../../host.ts';

/**
 * Whether a token depends on a program and no variables are declared for it. Such a program may depend on variables that
 * ekspress does not know. Reads the AWS files and runs no program.
 */
export async function dependsOnProgram(
  config: EKSAuthConfig,
  outside: { readonly env: Environment; readonly logger: Logger },
): Promise<boolean> {
  if (config.keyEnv !== undefined) return false;
  try {
    const found = await readSignIn(config, hostFrom(outside));
    // The credentials of aws-iam-authenticator are not examined here.
    if (found === undefined) return config.command.tool !== 'aws-iam-authenticator';
    return /\bprocess\b/.test(found.source);
  } catch {
    // The files cannot be read, so there will be no token.
    return false;
  }
}
