import { type ClientCertificate, type Entry, toldUntil } from './entry.ts';

/** A new token for the cache. Times are cut to whole seconds. */
export interface StoredMint {
  /** Empty where a plugin printed only a certificate. */
  readonly token: string;
  /** A client certificate that another plugin printed. */
  readonly certificate?: ClientCertificate | undefined;
  /** X-Amz-Date of the token. */
  readonly mintedAt: Date;
  /** What clients are told. */
  readonly expiresAt: Date;
  /** The command word, if that command printed the token. Then only readers with the same word may use it. */
  readonly command?: string;
  /** Minting it again needs no person and runs no foreign program. */
  readonly unattended: boolean;
}

/** A token found in the cache. The token is hidden from `inspect` and `JSON.stringify`. */
export interface CachedToken {
  readonly token: string;
  /** Hidden, as the token is. */
  readonly certificate?: ClientCertificate | undefined;
  readonly mintedAt: Date;
  readonly expiresAt: Date;
  readonly unattended: boolean;
}

/** The token of an entry, in the form that readers of the cache get. */
export function cachedToken(entry: Entry): CachedToken {
  const { token, certificate, unattended } = entry;
  const shown = { mintedAt: new Date(entry.minted * 1000), expiresAt: new Date(toldUntil(entry) * 1000), unattended };
  const hidden = { token: { value: token }, certificate: { value: certificate } };
  return Object.defineProperties(shown as CachedToken, hidden);
}
