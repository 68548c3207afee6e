import { forTerminal } from './text/foreign-text.ts';
import { Sentence } from './text/sentence.ts';

/**
 * Stable codes of all ekspress errors, for use in a `switch`.
 *
 * | code | meaning |
 * | --- | --- |
 * | `SESSION_EXPIRED` | an SSO, login or temporary session has ended; log in again |
 * | `NO_CREDENTIALS` | the AWS credential chain found no credentials, or only half of a key pair |
 * | `PROFILE_NOT_FOUND` | the requested profile is not in the AWS files |
 * | `ACCESS_DENIED` | AWS refused the call (for example AssumeRole) |
 * | `CLUSTER_NOT_FOUND` | the cluster does not exist in that account and region |
 * | `NETWORK` | an AWS endpoint or a proxy is unreachable, or its certificate is not trusted |
 * | `EXEC_FAILED` | the kubeconfig's own command failed or did not answer with an ExecCredential |
 * | `EXEC_DENIED` | the kubeconfig asks for something that its trust options do not allow |
 * | `SERVER_UNTRUSTED` | the token would have gone to a server that is not trusted |
 * | `INVALID_KUBECONFIG` | the kubeconfig cannot be read or contradicts itself |
 * | `NOT_EKS` | the user of the context does not authenticate through AWS |
 * | `INVALID_CONFIG` | an option, an argument or an AWS file is malformed |
 * | `TOKEN_REJECTED` | the API server refused a fresh token |
 * | `TIMEOUT` | an operation exceeded its time limit or was aborted |
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

/** The parts of an {@link EKSAuthError} besides its code and message. */
export interface EKSAuthErrorDetails {
  /** The next step, in one sentence, with the command to run if there is one. */
  readonly remedy: string | Sentence;
  /** The underlying error, if any. */
  readonly cause?: unknown;
}

/** An {@link EKSAuthError} in JSON. */
export interface EKSAuthErrorJSON {
  /** The class of the error. */
  readonly name: 'EKSAuthError';
  /** What happened, for programs. */
  readonly code: EKSAuthErrorCode;
  /** What happened, for people. */
  readonly message: string;
  /** What to do next. */
  readonly remedy: string;
}

/** Message and remedy as they were made, where they tell our words from those of others. */
export interface ErrorSentences {
  readonly message?: Sentence;
  readonly remedy?: Sentence;
}

/** The same in every copy of this module: a package manager may install several, and a bundle has one of its own. */
const BRAND = Symbol.for('ekspress.EKSAuthError');

/** `instanceof` of {@link EKSAuthError}. Subclasses inherit it, and keep the usual meaning. */
function isInstance(this: unknown, value: unknown): boolean {
  if (typeof this === 'function' && this !== EKSAuthError) {
    return Function.prototype[Symbol.hasInstance].call(this, value);
  }
  return value instanceof Error && BRAND in value;
}

/** The sentences of an error. None for an error of another copy of this module. */
export let sentencesOf: (error: EKSAuthError) => ErrorSentences;

/**
 * The one error class of ekspress. Switch on {@link EKSAuthError.code}; show {@link EKSAuthError.message}
 * and {@link EKSAuthError.remedy} to users. `instanceof` holds for the errors of every copy of ekspress in the process, such as one
 * inside a bundle. Messages never contain a token or a key, and no control or bidirectional
 * characters: escape sequences of others have no effect on a terminal.
 * @example
 * ```ts
 * import { EKSAuthError, getEKSToken } from 'ekspress';
 *
 * try {
 *   await getEKSToken({ clusterName: 'dev', region: 'us-east-1', profile: 'misspelt' });
 * } catch (error) {
 *   if (!(error instanceof EKSAuthError)) throw error;
 *   console.error(error.code, error.message, error.remedy); // PROFILE_NOT_FOUND …
 * }
 * ```
 */
export class EKSAuthError extends Error {
  /** For logs; use `instanceof` in code. */
  override readonly name = 'EKSAuthError';
  /** Stable: codes are added, never renamed. */
  readonly code: EKSAuthErrorCode;
  /** The next step, in one sentence. */
  readonly remedy: string;

  readonly #sentences: ErrorSentences;

  static {
    sentencesOf = (error) => (#sentences in error ? error.#sentences : {});
    Object.defineProperty(EKSAuthError.prototype, BRAND, { value: true });
    Object.defineProperty(EKSAuthError, Symbol.hasInstance, { value: isInstance });
  }

  /** For an `AWSAuthProvider` or a `ClusterSource` of your own, which reports its failures as ekspress does. */
  constructor(code: EKSAuthErrorCode, message: string | Sentence, details: EKSAuthErrorDetails) {
    // JavaScript callers may leave the details out: an error that is thrown while another one is made would hide that one.
    const {
      cause,
      remedy = `Look up ${code} in the troubleshooting guide of ekspress.`,
    }: Partial<EKSAuthErrorDetails> = details ?? {};
    super(forTerminal(String(message)), cause === undefined ? undefined : { cause });
    this.code = code;
    this.remedy = forTerminal(String(remedy));
    this.#sentences = {
      ...(message instanceof Sentence && { message }),
      ...(remedy instanceof Sentence && { remedy }),
    };
  }

  /** For `JSON.stringify`, which leaves out the message of an error. The cause, which has words of others, is not part of it. */
  toJSON(): EKSAuthErrorJSON {
    const { name, code, message, remedy } = this;
    return { name, code, message, remedy };
  }
}
