import { accountOfCredentials } from '../aws/mint/account-of-credentials.ts';
import type { EKSAuthConfig } from '../aws/stanza/eks-auth-config.ts';
import type { EKSAuthError } from '../errors.ts';
import type { Host } from '../host.ts';
import { own } from '../text/sentence.ts';
import type { MCPOptions } from './mcp-options.ts';
import { refusal } from './refusal.ts';

const ROLE_ARN = /^arn:aws[a-z-]*:iam::(\d{12}):role\/[\w+=,.@/-]+$/;

/**
 * Refuses a role of another account before AssumeRole reveals the caller's identity to that account.
 * @throws EKSAuthError EXEC_DENIED, or why the account of the credentials cannot be determined
 */
export async function requireOwnRole(
  config: EKSAuthConfig,
  { rolesOfOtherAccounts = false }: MCPOptions,
  host: Host,
): Promise<void> {
  const { roleArn } = config;
  if (roleArn === undefined || rolesOfOtherAccounts) return;
  const account = ROLE_ARN.exec(roleArn)?.[1];
  if (account === undefined) throw foreignRole();
  if ((await accountOfCredentials(config, host)) !== account) throw foreignRole();
}

function foreignRole(): EKSAuthError {
  return refusal(
    'EXEC_DENIED',
    own('The kubeconfig names a role of another AWS account.'),
    own(
      'Ask the operator to start this server with --roles-of-other-accounts, or with --trust-kubeconfig and a file that has this context.',
    ),
  );
}
