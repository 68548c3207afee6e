import { signedAt } from '../../aws/command/exec-credential.ts';
import { EKSAuthError } from '../../errors.ts';
import { shown } from '../../text/nearest-names.ts';
import { shellCommand } from '../../text/shell-command.ts';
import { shellOption } from '../../text/shell-word.ts';
import { EKSIdentity } from './eks-identity.ts';
import type { RequestIdentity } from './request-identity.ts';

const clocks = new WeakMap<EKSAuthError, number>();

/** How far the clock that signed the refused token is ahead of the server's, in milliseconds; undefined where the server has not told its time. */
export function clockAheadOf(error: EKSAuthError): number | undefined {
  return clocks.get(error);
}

/** The error for an identity that the server refuses, as opposed to a single token. */
export function rejected(
  id: string,
  identity: RequestIdentity,
  token: string,
  serverTime: Date | undefined,
): EKSAuthError {
  const error = rejection(id, identity, token, serverTime);
  const ahead = (signedAt(token)?.getTime() ?? Number.NaN) - (serverTime?.getTime() ?? Number.NaN);
  if (!Number.isNaN(ahead)) clocks.set(error, ahead);
  return error;
}

function rejection(id: string, identity: RequestIdentity, token: string, serverTime: Date | undefined): EKSAuthError {
  if (!(identity instanceof EKSIdentity)) return pluginRejected(id, identity.command);
  const { profile, config } = identity;
  const { clusterName, clusterId, region, roleArn } = config;
  const name = clusterName ?? clusterId ?? id;
  const regionFlag = region === undefined ? '' : ` ${shellOption('--region', region)}`;
  const profileFlag = profile === undefined ? '' : ` ${shellOption('--profile', profile)}`;
  const who = [
    roleArn && `the role ${shown(roleArn)}`,
    profile !== undefined && `the profile ${shown(profile)}`,
    `the access key ${accessKeyOf(token)}`,
  ].filter((part) => part);
  const skew = skewOf(token, serverTime);
  if (skew !== undefined) {
    return new EKSAuthError(
      'TOKEN_REJECTED',
      `The API server of cluster ${shown(name)} refused a fresh token of ${who.join(', ')}: the clock here is ${skew} the server's.`,
      {
        remedy: `Set the clock of this machine (\`${shellCommand('setClock')}\`): AWS refuses signatures whose time is wrong.`,
      },
    );
  }
  const entries = `\`aws eks list-access-entries ${shellOption('--cluster-name', name)}${regionFlag}${profileFlag}\``;
  const map = '`kubectl -n kube-system get configmap aws-auth -o yaml`';
  const caller = `\`aws sts get-caller-identity${profileFlag}\``;
  const look =
    roleArn === undefined
      ? `Run ${caller}. If it fails, the credentials are wrong. If it prints an Arn, look for that identity in the output of`
      : `Look for the role ${roleArn} in the output of`;
  return new EKSAuthError(
    'TOKEN_REJECTED',
    `The API server of cluster ${shown(name)} refused a fresh token of ${who.join(', ')}: it does not know this AWS identity, or ${unproven(serverTime)}.`,
    { remedy: `${look} ${entries} or ${map}.` },
  );
}

/**
 * AWS accepts signatures up to five minutes in the future. A fresh token with more skew than this has a wrong clock.
 */
const TOLERATED_SKEW_MINUTES = 4;

/** The clock skew of the signer, in words; undefined where the skew is not the reason for the refusal. */
function skewOf(token: string, serverTime: Date | undefined): string | undefined {
  const minutes = Math.round(
    ((signedAt(token)?.getTime() ?? Number.NaN) - (serverTime?.getTime() ?? Number.NaN)) / 60_000,
  );
  if (Number.isNaN(minutes) || Math.abs(minutes) <= TOLERATED_SKEW_MINUTES) return undefined;
  return `${Math.abs(minutes)} minutes ${minutes > 0 ? 'ahead of' : 'behind'}`;
}

/** What else a server refuses without a reason. The clock is in question only where the server has not told its time. */
function unproven(serverTime: Date | undefined): string {
  return serverTime === undefined
    ? 'the secret key or the clock is wrong, or the key is revoked'
    : 'the secret key is wrong, or the key is revoked';
}

/** The id of the access key that signed a token, which is not secret; `?` for other kinds of token. */
function accessKeyOf(token: string): string {
  const url = Buffer.from(token.replace(/^k8s-aws-v1\./, ''), 'base64url').toString('latin1');
  return /[?&]X-Amz-Credential=(\w+)(?:%2F|\/)/i.exec(url)?.[1] ?? '?';
}

function pluginRejected(id: string, command: string): EKSAuthError {
  const message = `The API server of cluster ${shown(id)} refused the token that ${shown(command)} has just printed.`;
  return new EKSAuthError('TOKEN_REJECTED', message, {
    remedy: 'Log in with that command again, or ask the administrator of the cluster who may use it.',
  });
}
