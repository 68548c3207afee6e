import { readURL } from '../../aws/http/read-url.ts';
import { EKSAuthError } from '../../errors.ts';
import { sentence } from '../../text/sentence.ts';

/**
 * A server that the caller trusts with the tokens of one AWS identity. The identity of a kubeconfig is decided from its
 * arguments, the environment and the AWS files, and compared with the one that is named here.
 */
export interface TrustedServer {
  /** The cluster's endpoint, for example from `aws eks describe-cluster --query cluster.endpoint`. */
  readonly server: string;
  /**
   * The certificate authority that the kubeconfig must have, base64. Required for a kubeconfig from a string. Default: any.
   */
  readonly certificateAuthorityData?: string | undefined;
  /** The EKS cluster whose tokens may go there. Default: any, which is right if one party runs all your clusters. */
  readonly clusterName?: string | undefined;
  /** The id of the cluster whose tokens may go there, for a local cluster on Outposts. Default: as for `clusterName`. */
  readonly clusterId?: string | undefined;
  /** The region of the tokens. Default: any. */
  readonly region?: string | undefined;
  /** The AWS profile of the tokens. Default: the credentials that the AWS CLI uses without a profile. */
  readonly profile?: string | undefined;
  /** The role of the tokens, for a kubeconfig with `--role-arn`. Default: none. */
  readonly roleArn?: string | undefined;
}

/**
 * The canonical form of a server: lower-case host, no default port, no trailing slash.
 * @returns undefined for anything but a plain https URL: another scheme, credentials, a query, a fragment, a host that
 *   parsers read in different ways
 */
export function canonicalServer(server: string): string | undefined {
  const url = readURL(server);
  if (url === undefined) return undefined;
  const plain =
    url.protocol === 'https:' && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  return plain ? `${url.origin}${url.pathname.replace(/(?<!\/)\/+$/, '')}` : undefined;
}

/** Whether a server is reached over https by an address without credentials, query and fragment, whatever its host is. */
export function isPlainHTTPS(server: string): boolean {
  return /^https:\/\/[^\s/?#\\@]+(?:\/[^\s?#\\]*)?$/i.test(server);
}

/**
 * Whether an entry names that server, given in canonical form.
 * @throws EKSAuthError INVALID_CONFIG for an entry that is not an https URL
 */
export function namesServer(entry: string | TrustedServer, server: string): boolean {
  const written = typeof entry === 'string' ? entry : entry.server;
  const canonical = canonicalServer(written);
  if (canonical !== undefined) return canonical === server;
  const message = sentence`trustedServers has ${String(written)}, which is not a plain https:// URL.`;
  throw new EKSAuthError('INVALID_CONFIG', message, {
    remedy: "Pass { server: 'https://ABCDEF.gr7.us-west-2.eks.amazonaws.com', certificateAuthorityData: '…' }.",
  });
}
