import { EKSAuthError } from '../errors.ts';
import { shown } from '../kubeconfig/nearest-names.ts';
import { UsageError } from './arguments/argparse.ts';
import { parseAuthenticatorArguments } from './arguments/authenticator-arguments.ts';
import { type GetTokenArguments, parseGetTokenArguments } from './arguments/get-token-arguments.ts';
import { type UnwrappedCommand, unwrapCommand } from './arguments/unwrap-command.ts';
import type { EKSAuthConfig, ExecStanza } from './eks-auth-config.ts';
import { ExecEnvironment } from './exec-environment.ts';

/**
 * Reads an `exec` stanza that gets EKS tokens: `aws eks get-token` and `aws-iam-authenticator token` in every spelling
 * that these commands accept, also behind the wrappers that hand them on (`ekspress-exec`, `eks-token-cache.sh`,
 * `k8s-token-cache`, `kcc-cache`, `kubecredcache`, `aws-vault exec … --`).
 * @throws EKSAuthError `NOT_EKS` for any other command; `INVALID_CONFIG` where the AWS command would fail with a usage
 *   message, names no cluster, or asks for a useless token (`--no-sign-request`)
 */
export function parseExecConfig(stanza: ExecStanza): EKSAuthConfig {
  const args = stanza.args ?? [];
  const env = new ExecEnvironment(stanza.env ?? []);
  const exec = { command: stanza.command, args, env };
  const unwrapped = unwrapCommand(stanza.command, args);
  const read =
    unwrapped === undefined
      ? undefined
      : unwrapped.tool === 'aws'
        ? readAWS(unwrapped)
        : readAuthenticator(unwrapped, env);
  if (!read) {
    throw new EKSAuthError('NOT_EKS', `The command ${shown(stanza.command)} does not get EKS tokens.`, {
      remedy:
        'Use `aws eks get-token` in the kubeconfig (`aws eks update-kubeconfig` writes it), or keep the standard authentication.',
    });
  }
  const { keyEnv } = unwrapped ?? {};
  return { ...read, ...(keyEnv && { keyEnv }), exec };
}

/** Whether the stanza is an AWS command for EKS tokens, also one that {@link parseExecConfig} finds malformed. */
export function isEKSExec(stanza: ExecStanza): boolean {
  try {
    parseExecConfig(stanza);
    return true;
  } catch (error) {
    return error instanceof EKSAuthError && error.code === 'INVALID_CONFIG';
  }
}

type Reading = Omit<EKSAuthConfig, 'exec' | 'cliVersion' | 'keyEnv'>;

function readAWS({ args }: UnwrappedCommand): Reading | undefined {
  const parsed = parseForEitherVersion(args);
  if (!parsed) return undefined;
  const { others, clusterName, clusterId, ...rest } = parsed;
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
      'Add `--cluster-name <name>` to the args in the kubeconfig.',
    );
  }
  return { ...rest, ...(clusterName ? { clusterName } : {}), ...(clusterId ? { clusterId } : {}) };
}

/** v2 where it understands the arguments, else v1; an option that only one of them has says which one is meant. */
function parseForEitherVersion(args: readonly string[]): GetTokenArguments | undefined {
  try {
    return parseGetTokenArguments(args, 'v2');
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    try {
      return parseGetTokenArguments(args, 'v1');
    } catch (second) {
      if (!(second instanceof UsageError)) throw second;
      if (!args.includes('eks') || !args.includes('get-token')) return undefined;
      throw malformed(
        `The AWS CLI would not accept these arguments: ${error.message}.`,
        'Correct the args in the kubeconfig, or write them anew with `aws eks update-kubeconfig`.',
      );
    }
  }
}

function readAuthenticator({ args }: UnwrappedCommand, env: ExecEnvironment): Reading | undefined {
  try {
    const parsed = parseAuthenticatorArguments(args);
    if (!parsed) return undefined;
    const clusterName = parsed.clusterId ?? env.get('KUBERNETES_AWS_AUTHENTICATOR_CLUSTER_ID');
    if (!clusterName && !parsed.others.has('config')) {
      throw malformed(
        '`aws-iam-authenticator token` names no cluster.',
        'Add `-i <cluster>` to the args in the kubeconfig.',
      );
    }
    const { role: roleArn, externalId, sessionName, region } = parsed;
    return {
      ...(clusterName ? { clusterName } : {}),
      ...(region ? { region } : {}),
      ...(roleArn ? { roleArn } : {}),
      ...(externalId ? { externalId } : {}),
      ...(sessionName ? { sessionName } : {}),
    };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    if (!args.includes('token')) return undefined;
    throw malformed(
      `aws-iam-authenticator would not accept these arguments: ${error.message}.`,
      'Correct the args in the kubeconfig.',
    );
  }
}

function malformed(message: string, remedy: string): EKSAuthError {
  return new EKSAuthError('INVALID_CONFIG', message, { remedy });
}
