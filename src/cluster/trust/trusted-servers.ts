import { readURL } from '../../aws/http/read-url.ts';
import { EKSAuthError } from '../../errors.ts';
import { shown } from '../../text/nearest-names.ts';

/** A server that the caller trusts. */
export interface TrustedServer {
  /** The cluster's endpoint, for example from `aws eks describe-cluster --query cluster.endpoint`. */
  readonly server: string;
  /** The certificate authority that the kubeconfig must have, base64. Default: any. */
  readonly certificateAuthorityData?: string;
  /** The EKS cluster whose tokens may go there. Default: any, which is right if one party runs all your clusters. */
  readonly clusterName?: string;
}

/** The server that a kubeconfig names, with the facts that are compared. */
export interface TrustRequest {
  /** In the form of {@link canonicalServer}. */
  readonly server: string;
  readonly caData: string | undefined;
  /** The EKS cluster of the token. */
  readonly clusterName: string | undefined;
}

/**
 * The one way to write a server: lower-case host, no default port, no trailing slash.
 * @returns undefined for whatever is not a plain https URL: another scheme, credentials, a query, a fragment, a host whose
 *   meaning depends on who reads it
 */
export function canonicalServer(server: string): string | undefined {
  const url = readURL(server);
  if (url === undefined) return undefined;
  const plain =
    url.protocol === 'https:' && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  return plain ? `${url.origin}${url.pathname.replace(/\/+$/, '')}` : undefined;
}

/** Whether a server is reached over https by an address without credentials, query and fragment, whatever its host is. */
export function isPlainHTTPS(server: string): boolean {
  return /^https:\/\/[^\s/?#\\@]+(?:\/[^\s?#\\]*)?$/i.test(server);
}

/**
 * Whether one of the entries trusts a server, its certificate authority and the EKS cluster of its tokens.
 * @throws EKSAuthError INVALID_CONFIG for an entry that is not an https URL
 */
export function isTrusted(request: TrustRequest, trusted: readonly (string | TrustedServer)[]): boolean {
  const { caData, clusterName } = request;
  return trusted.some((entry) => {
    if (!namesServer(entry, request.server)) return false;
    if (typeof entry === 'string') return true;
    if (entry.clusterName !== undefined && entry.clusterName !== clusterName) return false;
    const authority = entry.certificateAuthorityData;
    if (authority === undefined) return true;
    return caData !== undefined && Buffer.from(caData, 'base64').equals(Buffer.from(authority, 'base64'));
  });
}

/** Whether an entry names that server, given in canonical form. */
export function namesServer(entry: string | TrustedServer, server: string): boolean {
  const written = typeof entry === 'string' ? entry : entry.server;
  const canonical = canonicalServer(written);
  if (canonical !== undefined) return canonical === server;
  const message = `trustedServers has ${shown(String(written))}, which is not a plain https:// URL.`;
  throw new EKSAuthError('INVALID_CONFIG', message, {
    remedy: "Pass endpoints such as 'https://ABCDEF.gr7.us-west-2.eks.amazonaws.com'.",
  });
}
