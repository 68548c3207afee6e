import { type Check, fields, oneOf, type Schema, that } from '../../options/checks.ts';

/** The settings of TLS connections to API servers, and to proxies on the way. They never weaken what is verified. */
export interface TLSSettings {
  /** The oldest version of TLS. Default: that of Node, TLSv1.2. */
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3' | undefined;
  /** The allowed ciphers, in the words of OpenSSL. Default: those of Node. */
  readonly ciphers?: string | undefined;
}

/** What a caller may say of the requests to a cluster. */
export interface RequestSettings {
  /** The header `User-Agent` of every request, which audit logs show. Default: that of the installed client-node. */
  readonly userAgent?: string | undefined;
  /** Settings of TLS. Default: those of Node. The kubeconfig alone decides which servers are trusted. */
  readonly tls?: TLSSettings | undefined;
}

const USER_AGENT: Check = that(
  "a header value of visible ASCII characters and blanks, such as 'billing/1.4'",
  (value) => typeof value === 'string' && /^[!-~]([ -~]*[!-~])?$/.test(value),
);

const TLS: Schema<TLSSettings> = {
  minVersion: oneOf('TLSv1.2', 'TLSv1.3'),
  ciphers: that('names of ciphers', (value) => typeof value === 'string' && value !== ''),
};

/** The checks of {@link RequestSettings}. */
export const SETTINGS_SCHEMA: Schema<RequestSettings> = { userAgent: USER_AGENT, tls: fields(TLS) };
