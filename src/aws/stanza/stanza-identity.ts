import { EKSAuthError } from '../../errors.ts';
import { ArgumentsError } from './argparse.ts';
import type { AuthenticatorArguments } from './authenticator-arguments.ts';
import type { StanzaIdentity } from './eks-auth-config.ts';
import type { ExecEnvironment } from './exec-environment.ts';
import type { CLIVersion, GetTokenArguments } from './get-token-arguments.ts';
import type { CommandReading } from './stanza-command.ts';

/** What {@link stanzaIdentityOf} reads besides the arguments. */
interface IdentityOptions {
  /** The stanza's variables. */
  readonly env: ExecEnvironment;
  readonly cliVersion: CLIVersion | undefined;
}

/**
 * Which identity and cluster the arguments ask for.
 * @throws EKSAuthError `INVALID_CONFIG` where the tool would end with a usage message, and where no cluster is named
 */
export function stanzaIdentityOf(reading: CommandReading, { env, cliVersion }: IdentityOptions): StanzaIdentity {
  return reading.tool === 'aws' ? identityOfAWS(reading.said, cliVersion) : identityOfAuthenticator(reading.said, env);
}

function identityOfAWS(said: GetTokenArguments | ArgumentsError, cliVersion: CLIVersion | undefined): StanzaIdentity {
  if (said instanceof ArgumentsError) {
    throw malformed(
      `The AWS CLI${cliVersion ? ` ${cliVersion}` : ''} would not accept these arguments: ${said.message}.`,
      'Correct the args in the kubeconfig, or write them again with `aws eks update-kubeconfig --name CLUSTER --region REGION`.',
    );
  }
  const { others, clusterName, clusterId, roleArn, region, profile } = said;
  if (others.has('no-sign-request')) {
    throw malformed(
      '`--no-sign-request` makes a token that no cluster accepts.',
      'Remove `--no-sign-request` from the kubeconfig.',
    );
  }
  if (clusterName !== undefined && clusterId !== undefined) {
    throw malformed('`--cluster-name` and `--cluster-id` exclude each other.', 'Keep one of them in the kubeconfig.');
  }
  if (!clusterName && !clusterId) {
    throw malformed(
      '`aws eks get-token` names no cluster.',
      'Add `--cluster-name NAME` to the args in the kubeconfig.',
    );
  }
  return {
    ...(clusterName && { clusterName }),
    ...(clusterId && { clusterId }),
    ...(roleArn !== undefined && { roleArn }),
    ...(region !== undefined && { region }),
    ...(profile !== undefined && { profile }),
  };
}

function identityOfAuthenticator(said: AuthenticatorArguments | ArgumentsError, env: ExecEnvironment): StanzaIdentity {
  if (said instanceof ArgumentsError) {
    throw malformed(
      `aws-iam-authenticator would not accept these arguments: ${said.message}.`,
      'Correct the args in the kubeconfig.',
    );
  }
  const { role: roleArn, externalId, sessionName, region } = said;
  const clusterName = said.clusterId ?? env.get('KUBERNETES_AWS_AUTHENTICATOR_CLUSTER_ID');
  if (!clusterName && !said.others.has('config')) {
    throw malformed(
      '`aws-iam-authenticator token` names no cluster.',
      'Add `-i CLUSTER` to the args in the kubeconfig.',
    );
  }
  return {
    ...(clusterName && { clusterName }),
    ...(region && { region }),
    ...(roleArn && { roleArn }),
    ...(externalId && { externalId }),
    ...(sessionName && { sessionName }),
  };
}

function malformed(message: string, remedy: string): EKSAuthError {
  return new EKSAuthError('INVALID_CONFIG', message, { remedy });
}
