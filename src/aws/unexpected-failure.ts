import { EKSAuthError } from '../errors.ts';

/** Every failure to get a token is an EKSAuthError; an unexpected one keeps its cause. */
export function asAuthError(cause: unknown): EKSAuthError {
  if (cause instanceof EKSAuthError) return cause;
  return new EKSAuthError('EXEC_FAILED', 'The token could not be obtained for a reason that ekspress does not know.', {
    remedy: 'See the cause of this error, and please report it.',
    cause,
  });
}

/**
 * The error for calls that wait for a token when their manager is stopped.
 * @param closed where its cluster is unregistered, or its registry closed: why
 */
export function givenUp(reason: unknown, closed?: () => EKSAuthError): EKSAuthError {
  if (closed) {
    const cause = closed();
    return new EKSAuthError('TIMEOUT', `This call waited for a token when its cluster was closed. ${cause.message}`, {
      remedy: cause.remedy,
      cause,
    });
  }
  return new EKSAuthError('TIMEOUT', 'The TokenManager was stopped while this call waited for a token.', {
    remedy:
      'Call getValidToken() where a token is still needed: a stopped manager gets one. startAutoRefresh() keeps it fresh.',
    cause: reason,
  });
}
