import { type ClientCertificate, type Entry, toldUntil } from './entry.ts';

/** A token to be shared. Times are cut to whole seconds. */
export interface StoredMint {
  /** Empty where there is a certificate alone. */
  readonly token: string;
  /** Of another plugin. */
  readonly certificate?: ClientCertificate | undefined;
  /** X-Amz-Date of the token. */
  readonly mintedAt: Date;
  /** What clients are told. */
  readonly expiresAt: Date;
  /** The command word, if the token was printed by that command: then only the same word may use it. */
  readonly command?: string;
  /** Minting it again needs no person and runs no foreign program. */
  readonly unattended: boolean;
  /** The credentials belong to this host or container: no other may use the token. */
  readonly hostBound: boolean;
}

/** A token found in the cache. The token is hidden from `inspect` and `JSON.stringify`. */
export interface CachedToken {
  readonly token: string;
  /** Hidden likewise. */
  readonly certificate?: ClientCertificate | undefined;
  readonly mintedAt: Date;
  readonly expiresAt: Date;
  readonly unattended: boolean;
}

/** What an entry holds, for those who asked for it. */
export function cachedToken(entry: Entry): CachedToken {
  const { token, certificate, unattended } = entry;
  const shown = { mintedAt: new Date(entry.minted * 1000), expiresAt: new Date(toldUntil(entry) * 1000), unattended };
  const hidden = { token: { value: token }, certificate: { value: certificate } };
  return Object.defineProperties(shown as CachedToken, hidden);
}
