import { readSignIn } from '../../aws/mint/sign-in.ts';
import type { EKSAuthConfig } from '../../aws/stanza/eks-auth-config.ts';
import { type Environment, hostFrom, type Logger } from '../../host.ts';

/**
 * Whether a token is made with the help of a program, which may go by variables that are not known to be part of the
 * identity, and none has been declared. Reads the AWS files; runs nothing.
 */
export async function dependsOnProgram(
  config: EKSAuthConfig,
  outside: { readonly env: Environment; readonly logger: Logger },
): Promise<boolean> {
  if (config.keyEnv !== undefined) return false;
  try {
    const found = await readSignIn(config, hostFrom(outside));
    // What aws-iam-authenticator would do is not read.
    if (found === undefined) return config.command.tool !== 'aws-iam-authenticator';
    return /\bprocess\b/.test(found.source);
  } catch {
    // Files that cannot be read: no token comes of them at all.
    return false;
  }
}
