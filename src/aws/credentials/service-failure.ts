import { EKSAuthError, type EKSAuthErrorCode } from '../../errors.ts';
import { blankSecrets } from '../../text/blank-secrets.ts';
import { ForeignText } from '../../text/foreign-text.ts';
import { command, own, type Sentence, sentence } from '../../text/sentence.ts';

export interface ServiceRefusal {
  /** For example `AssumeRole`. */
  readonly operation: string;
  /** The error code of AWS, for example `AccessDenied`. */
  readonly code: string;
  /** What AWS says; shown only where it cannot hold secrets. */
  readonly said: string;
  readonly profile: string | undefined;
  readonly cause?: unknown;
}

const EXPIRED = /^(?:ExpiredToken|ExpiredTokenException|RequestExpired|UnauthorizedException)$/;
const BUSY =
  /Throttl|TooManyRequests|ServiceUnavailable|InternalFailure|InternalError|InternalServer|IDPCommunicationError|^status (?:429|5\d\d)$/;
const DENIED = /^(?:AccessDenied|AccessDeniedException|ForbiddenException|UnauthorizedOperation)$/;

/** The error for a call that AWS answered with a refusal. */
export function serviceRefusal({ operation, code, said, profile, cause }: ServiceRefusal): EKSAuthError {
  const withProfile = profile === undefined ? own('') : command` --profile ${profile}`;
  const [kind, remedy]: [EKSAuthErrorCode, Sentence] = EXPIRED.test(code)
    ? [
        'SESSION_EXPIRED',
        sentence`Log in again: \`aws sso login${withProfile}\`, or renew whatever made the temporary keys.`,
      ]
    : BUSY.test(code)
      ? ['NETWORK', own('AWS is busy or in trouble; try again in a moment.')]
      : code === 'ValidationError'
        ? ['INVALID_CONFIG', sentence`Correct the role settings: \`aws configure list${withProfile}\` shows them.`]
        : ['ACCESS_DENIED', sentence`See whose credentials are used: \`aws sts get-caller-identity${withProfile}\`.`];
  // Other refusals may quote the request, with its session token.
  const reason = DENIED.test(code) && said !== '' ? sentence`: ${new ForeignText(blankSecrets(said))}` : own('');
  return new EKSAuthError(kind, sentence`AWS refuses ${own(operation)} (${new ForeignText(code)})${reason}.`, {
    remedy,
    cause,
  });
}
