import { EKSAuthError } from '../../errors.ts';
import { command } from '../../text/sentence.ts';
import type { SSOSource } from '../plan/plan.ts';

/** There was no login of IAM Identity Center yet, or it was removed. */
export function notLoggedIn({ profile, tokenFile }: SSOSource): EKSAuthError {
  const message = `There is no SSO login for the profile "${profile}" (${tokenFile} does not exist).`;
  return new EKSAuthError('SESSION_EXPIRED', message, {
    remedy: command`Log in: \`aws sso login --profile ${profile}\`.`,
  });
}

/** A login of IAM Identity Center that a person has to renew. */
export function sessionEnded(message: string, { profile }: SSOSource, cause?: unknown): EKSAuthError {
  return new EKSAuthError('SESSION_EXPIRED', message, {
    remedy: command`Log in again: \`aws sso login --profile ${profile}\`.`,
    cause,
  });
}
