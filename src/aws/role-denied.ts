import type { EKSAuthErrorCode } from '../errors.ts';
import { command, own, type Sentence, sentence } from '../text/sentence.ts';

/** The role that STS denies, as far as it is known. */
export interface DeniedRole {
  readonly operation: string;
  readonly arn: string | undefined;
  /** Whether the call sent an external id. Its value is not shown. */
  readonly externalId?: boolean | undefined;
  /** What STS says. */
  readonly said: string;
}

/** Whether a call sends an external id, in words. */
const SENT: Readonly<Record<`${boolean | undefined}`, string>> = { true: 'yes', false: 'no', undefined: 'unknown' };

/**
 * What has to be checked where STS denies a role.
 * @param profile ` --profile NAME`, or nothing
 */
export function roleDenied(denied: DeniedRole, profile: Sentence): [EKSAuthErrorCode, Sentence] {
  const { operation, arn = '', externalId, said } = denied;
  const [, account = 'of the role', name = 'ROLE'] = /^arn:[^:]*:iam::(\d+):role\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
  const policy = sentence`the trust policy of the role in the account ${own(account)} (\`${command`aws iam get-role --role-name ${name}`}\` shows it)`;
  if (operation === 'AssumeRoleWithWebIdentity') {
    return [
      'ACCESS_DENIED',
      sentence`Check ${policy}: it has to allow sts:AssumeRoleWithWebIdentity to the OIDC provider of the cluster, and its conditions have to name this service account (sub) and the audience sts.amazonaws.com (aud).`,
    ];
  }
  if (/MultiFactorAuthentication failed/.test(said)) {
    return ['ACCESS_DENIED', own('Type the next code of the MFA device: each code is accepted once.')];
  }
  if (/sts:TagSession/.test(said)) {
    return [
      'ACCESS_DENIED',
      sentence`Allow sts:TagSession in ${policy}, and in the policies of the caller: the session has tags.`,
    ];
  }
  return [
    'ACCESS_DENIED',
    sentence`Check ${policy}: it has to name the caller, the User of this message, whose keys \`aws configure list${profile}\` shows; the external id, if it asks for one (sent by this call: ${own(SENT[`${externalId}`])}); and sts:TagSession for a session with tags. The policies of the caller have to allow sts:AssumeRole on the role.`,
  ];
}
