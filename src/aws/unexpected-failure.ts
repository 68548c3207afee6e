import { EKSAuthError } from '../errors.ts';

/** Every failure to get a token is an EKSAuthError; an unexpected one keeps its cause. */
export function asAuthError(cause: unknown): EKSAuthError {
  if (cause instanceof EKSAuthError) return cause;
  return new EKSAuthError('EXEC_FAILED', 'The token could not be obtained for a reason that ekspress does not know.', {
    remedy: 'See the cause of this error, and please report it.',
    cause,
  });
}

/** The error for calls that wait for a token when their manager is stopped. */
export function givenUp(reason: unknown): EKSAuthError {
  return new EKSAuthError('TIMEOUT', 'Getting a token was given up, as its cluster or token manager was closed.', {
    remedy: 'Register the cluster again where it is still needed.',
    cause: reason,
  });
}
