import { EKSAuthError } from '../../errors.ts';
import { command } from '../../text/sentence.ts';
import type { SSOSource } from '../plan/plan.ts';

/** A login of IAM Identity Center that a person has to renew. */
export function sessionEnded(message: string, { profile }: SSOSource, cause?: unknown): EKSAuthError {
  return new EKSAuthError('SESSION_EXPIRED', message, {
    remedy: command`Log in again: \`aws sso login --profile ${profile}\`.`,
    cause,
  });
}
