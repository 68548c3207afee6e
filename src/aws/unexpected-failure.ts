import { EKSAuthError } from '../errors.ts';

/** Every failure to get a token is an EKSAuthError; one that nobody foresaw keeps its cause. */
export function asAuthError(cause: unknown): EKSAuthError {
  if (cause instanceof EKSAuthError) return cause;
  return new EKSAuthError('EXEC_FAILED', 'The token could not be obtained for a reason that ekspress does not know.', {
    remedy: 'See the cause of this error, and please report it.',
    cause,
  });
}

/** For those who still wait when getting a token is ended: its manager was stopped. */
export function givenUp(reason: unknown): EKSAuthError {
  return new EKSAuthError('TIMEOUT', 'Getting a token was given up, as its cluster or token manager was closed.', {
    remedy: 'Register the cluster again where it is still needed.',
    cause: reason,
  });
}
