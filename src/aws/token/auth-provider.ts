import { EKSAuthError } from '../../errors.ts';
import type { Token } from './token.ts';

/** Options of a call that may have to wait for a token. */
export interface TokenRequestOptions {
  /** Stops the waiting of this caller; a mint that others wait for goes on. Default: the caller waits to the end. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Something that hands out bearer tokens for one cluster. {@link TokenManager} is one. As the `authProvider` of a cluster it is
 * asked as follows: `getToken` for the first token and ahead of the end of each, where it may return the old token again and is
 * then asked again later; `refreshToken` where a caller of the cluster asks for a new one; `invalidate` and then `getToken` after
 * the server has refused a token. The caller stops it: closing the cluster does not.
 */
export interface AWSAuthProvider {
  /** A token that is valid now. */
  getToken(options?: TokenRequestOptions): Promise<Token>;
  /** A token minted after this call was made. */
  refreshToken(options?: TokenRequestOptions): Promise<Token>;
  /** Forgets exactly this token, which a server has refused. A newer token stays. */
  invalidate(token: string): Promise<void>;
}

/** Where tokens come from, if the caller has a source of its own. */
export interface GivenProvider {
  /**
   * Makes the tokens of this cluster, in place of ekspress: a service of yours, for example. Its tokens stay in memory and are
   * asked for ahead of their end. A token that the server has refused goes to `invalidate`, and a request is sent again with the
   * next one. It cannot be given together with `credentials`. `registerAWSCluster` still calls DescribeCluster, with AWS credentials
   * of the environment or of `describeAs`. Default: none.
   */
  readonly authProvider?: AWSAuthProvider | undefined;
}

const METHODS = ['getToken', 'refreshToken', 'invalidate'] as const;

/**
 * Refuses a value that lacks a method of a provider.
 * @throws EKSAuthError INVALID_CONFIG
 */
export function checkGivenProvider(provider: unknown): void {
  const missing = METHODS.find((name) => typeof Object(provider)[name] !== 'function');
  if (missing === undefined) return;
  throw new EKSAuthError('INVALID_CONFIG', `The authProvider given to ekspress has no method ${missing}.`, {
    remedy: 'Pass an object with the methods of AWSAuthProvider: getToken, refreshToken and invalidate.',
  });
}

/**
 * Refuses a second source of tokens.
 * @throws EKSAuthError INVALID_CONFIG
 */
export function checkOneSource(given: GivenProvider & { readonly credentials?: unknown }): void {
  if (given.authProvider === undefined || given.credentials === undefined) return;
  throw new EKSAuthError('INVALID_CONFIG', 'Both credentials and an authProvider were given to ekspress.', {
    remedy:
      'Pass one of them: credentials, with which ekspress makes tokens, or an authProvider, which makes them itself.',
  });
}
