import { EKSAuthError } from '../errors.ts';
import { shown } from '../kubeconfig/nearest-names.ts';

/** A server that the caller vouches for. */
export interface TrustedServer {
  /** The cluster's endpoint, for example from `aws eks describe-cluster --query cluster.endpoint`. */
  readonly server: string;
  /** The certificate authority that the kubeconfig must name, base64. Default: whichever it names. */
  readonly certificateAuthorityData?: string;
}

/**
 * The one way to write a server: lower-case host, no default port, no trailing slash.
 * @returns undefined for whatever is not a plain https URL: another scheme, credentials, a query, a fragment
 */
export function canonicalServer(server: string): string | undefined {
  if (!URL.canParse(server)) return undefined;
  const url = new URL(server);
  const plain =
    url.protocol === 'https:' && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  return plain ? `${url.origin}${url.pathname.replace(/\/+$/, '')}` : undefined;
}

/**
 * Whether one of the entries vouches for a server and its certificate authority.
 * @throws EKSAuthError INVALID_CONFIG for an entry that is no https URL
 */
export function isVouchedFor(
  server: string,
  caData: string | undefined,
  trusted: readonly (string | TrustedServer)[],
  what: 'server and authority' | 'server alone' = 'server and authority',
): boolean {
  return trusted.some((entry) => {
    const { server: vouched, certificateAuthorityData } = typeof entry === 'string' ? { server: entry } : entry;
    const canonical = canonicalServer(vouched);
    if (canonical === undefined) {
      throw new EKSAuthError(
        'INVALID_CONFIG',
        `trustedServers has ${shown(String(vouched))}, which is no plain https:// URL.`,
        {
          remedy: "Pass endpoints such as 'https://ABCDEF.gr7.us-west-2.eks.amazonaws.com'.",
        },
      );
    }
    if (canonical !== server) return false;
    if (what === 'server alone' || certificateAuthorityData === undefined) return true;
    return (
      caData !== undefined && Buffer.from(caData, 'base64').equals(Buffer.from(certificateAuthorityData, 'base64'))
    );
  });
}
