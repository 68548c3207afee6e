import { EKSAuthError } from '../errors.ts';

/** Every failure to get a token is an EKSAuthError; one that nobody foresaw keeps its cause. */
export function asAuthError(cause: unknown): EKSAuthError {
  if (cause instanceof EKSAuthError) return cause;
  return new EKSAuthError('EXEC_FAILED', 'The token could not be obtained for a reason that ekspress does not know.', {
    remedy: 'See the cause of this error, and please report it.',
    cause,
  });
}
