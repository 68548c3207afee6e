import { INSPECT } from '../../host.ts';
import { checkArgument } from '../../options/check-options.ts';
import { TIME, that } from '../../options/checks.ts';

const BEARER = that(
  'a bearer token: ASCII characters without blanks',
  (value) => typeof value === 'string' && isBearer(value),
);

/** Whether a text can stand in the header `Authorization`. */
export function isBearer(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}

/**
 * A bearer token for one EKS cluster. Only {@link Token.token} returns the value: `console.log`,
 * `util.inspect`, `JSON.stringify` and object spread show the expiry alone.
 * @example
 * ```ts
 * import { getEKSToken } from 'ekspress';
 *
 * const token = await getEKSToken({ clusterName: 'dev', region: 'us-east-1' });
 * const headers = { authorization: `Bearer ${token.token}` };
 * console.log(Object.keys(headers), token); // Token { token: '***', expiresAt: … }
 * ```
 */
export class Token {
  readonly #token: string;
  /**
   * Until when the token may be used: 14 minutes after it was signed, or 60 seconds before the signing credentials
   * end, whichever comes first. The server accepts it a little longer.
   */
  readonly expiresAt: Date;

  /**
   * A token that you got elsewhere, for an `AWSAuthProvider` of your own.
   * @throws EKSAuthError INVALID_CONFIG for an invalid Date, and for a text that no header can hold
   */
  constructor(token: string, expiresAt: Date) {
    checkArgument('Token', 'token', token, BEARER);
    checkArgument('Token', 'expiresAt', expiresAt, TIME);
    this.#token = token;
    this.expiresAt = expiresAt;
  }

  /** The value for `Authorization: Bearer …`. */
  get token(): string {
    return this.#token;
  }

  /** Leaves the value out. */
  toJSON(): {
    /** ISO 8601. */
    expiresAt: string;
  } {
    return { expiresAt: this.expiresAt.toISOString() };
  }

  static {
    const value = function (this: Token): string {
      return `Token { token: '***', expiresAt: ${this.expiresAt.toISOString()} }`;
    };
    Object.defineProperty(Token.prototype, INSPECT, { value });
  }
}
