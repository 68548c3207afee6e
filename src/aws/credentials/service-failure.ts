import { EKSAuthError, type EKSAuthErrorCode } from '../../errors.ts';
import { blankSecrets } from '../../text/blank-secrets.ts';
import { ForeignText } from '../../text/foreign-text.ts';
import { command, own, type Sentence, sentence } from '../../text/sentence.ts';
import { quotesRequest, refusedKeys } from '../refused-keys.ts';
import { type DeniedRole, roleDenied } from '../role-denied.ts';

export interface ServiceRefusal {
  /** For example `AssumeRole`. */
  readonly operation: string;
  /** The error code of AWS, for example `AccessDenied`. */
  readonly code: string;
  /** What AWS says; shown only where it cannot hold secrets. */
  readonly said: string;
  /** What AWS said to the attempts before the last one, where it is something else. */
  readonly before?: readonly string[];
  readonly profile: string | undefined;
  /** Where a role was asked for. */
  readonly role?: Pick<DeniedRole, 'arn' | 'externalId'> | undefined;
  readonly cause?: unknown;
}

const EXPIRED = /^(?:ExpiredToken|ExpiredTokenException|UnauthorizedException)$/;
const BUSY =
  /Throttl|TooManyRequests|ServiceUnavailable|InternalFailure|InternalError|InternalServer|IDPCommunicationError|^status (?:429|5\d\d)$/;
const DENIED = /^AccessDenied(?:Exception)?$/;
/** The identity provider of a web identity refuses it, or cannot be asked. */
const WEB_IDENTITY = /^(?:InvalidIdentityToken|IDPRejectedClaim)$/;

/** The error for a call that AWS answered with a refusal. */
export function serviceRefusal(refusal: ServiceRefusal): EKSAuthError {
  const { operation, code, said, before = [], profile, cause } = refusal;
  const withProfile = profile === undefined ? own('') : command` --profile ${profile}`;
  const [kind, remedy] = meaning(refusal, withProfile);
  const texts = [quotable(code, said), ...before.map((earlier) => `before: ${quotable('', earlier)}`)];
  const text = texts.filter(Boolean).join('; ');
  const reason = text === '' ? own('') : sentence`: ${new ForeignText(text)}`;
  return new EKSAuthError(kind, sentence`AWS refuses ${own(operation)} (${new ForeignText(code)})${reason}.`, {
    remedy,
    cause,
  });
}

function meaning(refusal: ServiceRefusal, profile: Sentence): [EKSAuthErrorCode, Sentence] {
  const { operation, code, said, role } = refusal;
  const web = operation === 'AssumeRoleWithWebIdentity';
  if (EXPIRED.test(code) && web) {
    const remedy = 'Renew the token in the file that AWS_WEB_IDENTITY_TOKEN_FILE names: in a pod the kubelet does.';
    return ['SESSION_EXPIRED', own(remedy)];
  }
  if (EXPIRED.test(code)) {
    return [
      'SESSION_EXPIRED',
      sentence`Log in again: \`aws sso login${profile}\`, or renew whatever made the temporary keys.`,
    ];
  }
  if (BUSY.test(code) || /retrieve verification key/.test(said)) {
    return ['NETWORK', own('AWS is busy or in trouble; try again in a moment.')];
  }
  if (WEB_IDENTITY.test(code)) {
    const remedy =
      'Compare the token of the service account with the role: issuer and audience (sts.amazonaws.com) have to be those of its identity provider.';
    return ['ACCESS_DENIED', own(remedy)];
  }
  const keys = refusedKeys(code, said, profile);
  if (keys !== undefined) return keys;
  if (code === 'PackedPolicyTooLarge' || code === 'PackedPolicyTooLargeException') {
    return [
      'INVALID_CONFIG',
      own('Pass fewer or shorter session tags: STS packs them together, below its limits for each.'),
    ];
  }
  if (/role chaining/.test(said)) {
    const remedy = sentence`Set duration_seconds to 3600 or less: \`aws configure set duration_seconds 3600${profile}\`.`;
    return ['INVALID_CONFIG', remedy];
  }
  if (code === 'ValidationError') {
    return ['INVALID_CONFIG', sentence`Correct the role settings: \`aws configure list${profile}\` shows them.`];
  }
  if (DENIED.test(code) && role) return roleDenied({ ...refusal, ...role }, profile);
  return ['ACCESS_DENIED', sentence`See whose credentials are used: \`aws sts get-caller-identity${profile}\`.`];
}

/** The message of AWS, unless it quotes the request: a signed request holds the session token. */
function quotable(code: string, said: string): string {
  if (quotesRequest(code, said)) return '';
  const [line = ''] = said.split('\n', 1);
  return blankSecrets(
    line
      .replace(/\b[Vv]alue '[^']*'/g, "value '…'")
      .trim()
      .replace(/\.$/, ''),
  );
}
