/**
 * Every way in which ekspress can fail, as a stable code to switch on.
 *
 * | code | meaning |
 * | --- | --- |
 * | `SESSION_EXPIRED` | an SSO, login or temporary session ended; a person has to log in again |
 * | `NO_CREDENTIALS` | the AWS credential order found nothing, or only half of a key pair |
 * | `PROFILE_NOT_FOUND` | the profile asked for is in none of the AWS files |
 * | `ACCESS_DENIED` | AWS refused the call (for example AssumeRole) |
 * | `CLUSTER_NOT_FOUND` | no such cluster in that account and region |
 * | `NETWORK` | an AWS endpoint or a proxy could not be reached or not be trusted |
 * | `EXEC_FAILED` | the kubeconfig's own command failed or did not answer with an ExecCredential |
 * | `EXEC_DENIED` | the kubeconfig asks for something that its source is not allowed to ask for |
 * | `SERVER_UNTRUSTED` | a token would have gone to a server that nobody vouched for |
 * | `INVALID_KUBECONFIG` | the kubeconfig cannot be read or contradicts itself |
 * | `NOT_EKS` | the user of the context does not authenticate through AWS |
 * | `INVALID_CONFIG` | an option, an argument or an AWS file is malformed |
 * | `TOKEN_REJECTED` | the API server refused a fresh token |
 * | `TIMEOUT` | something took longer than it may, or was aborted |
 */
export type EKSAuthErrorCode =
  | 'SESSION_EXPIRED'
  | 'NO_CREDENTIALS'
  | 'PROFILE_NOT_FOUND'
  | 'ACCESS_DENIED'
  | 'CLUSTER_NOT_FOUND'
  | 'NETWORK'
  | 'EXEC_FAILED'
  | 'EXEC_DENIED'
  | 'SERVER_UNTRUSTED'
  | 'INVALID_KUBECONFIG'
  | 'NOT_EKS'
  | 'INVALID_CONFIG'
  | 'TOKEN_REJECTED'
  | 'TIMEOUT';

/** What an {@link EKSAuthError} carries besides its code and message. */
export interface EKSAuthErrorDetails {
  /** The next thing to do, in one sentence; names the command to type where there is one. */
  readonly remedy: string;
  /** The error underneath, where there is one. */
  readonly cause?: unknown;
}

/**
 * The one error class of ekspress. Switch on {@link EKSAuthError.code}; show {@link EKSAuthError.message}
 * and {@link EKSAuthError.remedy} to people. No message ever contains a token or a key.
 */
export class EKSAuthError extends Error {
  /** For logs; use `instanceof` in code. */
  override readonly name = 'EKSAuthError';
  /** Stable: codes are added, never renamed. */
  readonly code: EKSAuthErrorCode;
  /** The next thing to do, in one sentence. */
  readonly remedy: string;

  constructor(code: EKSAuthErrorCode, message: string, details: EKSAuthErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.remedy = details.remedy;
  }
}
