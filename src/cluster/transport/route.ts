import { type Origin, originOf, readURL } from '../../aws/http/read-url.ts';
import { EKSAuthError } from '../../errors.ts';
import type { ClusterEntry } from '../../kubeconfig/read/kubeconfig-file.ts';
import { shown } from '../../text/nearest-names.ts';
import type { TLSSettings } from './settings.ts';

/** PEM, as node:tls takes it. */
type PEM = string | Buffer;

/** The certificates that this end of a TLS connection presents and accepts. */
export interface Certificates {
  /** The authorities of the server. Default: those of Node. */
  readonly ca?: PEM | undefined;
  /** The client certificate and its key. */
  readonly cert?: PEM | undefined;
  readonly key?: PEM | undefined;
}

/** The route of a cluster's connections: everything that decides where a request goes and which server is trusted. */
export interface Route extends Certificates {
  readonly origin: Origin;
  /** The name that the server's certificate must have: `tls-server-name`, else the host. */
  readonly name: string;
  /** False only where the kubeconfig says insecure-skip-tls-verify. */
  readonly verify: boolean;
  readonly proxy?: URL | undefined;
  readonly tls?: TLSSettings | undefined;
}

const PROXY = /^(https?|socks5h?|socks):$/;

/**
 * The route to a cluster.
 * @param proxyUrl from the kubeconfig or the environment
 * @throws EKSAuthError INVALID_KUBECONFIG where the server is not an http(s) URL, or kubectl does not know this kind of
 *   proxy
 */
export function routeOf(
  cluster: ClusterEntry,
  proxyUrl: string | undefined,
  certificates: Certificates,
  tls?: TLSSettings,
): Route {
  const origin = originOf(cluster.server);
  if (origin === undefined) {
    throw new EKSAuthError('INVALID_KUBECONFIG', `The server ${shown(cluster.server)} is not an https:// URL.`, {
      remedy: 'Recreate the cluster entry with `aws eks update-kubeconfig --name CLUSTER --region REGION`.',
    });
  }
  const { ca, cert, key } = certificates;
  return {
    origin,
    name: cluster.tlsServerName ?? origin.host,
    verify: !cluster.skipTLSVerify,
    proxy: proxyUrl === undefined ? undefined : proxyOf(proxyUrl, cluster),
    ca,
    cert,
    key,
    tls,
  };
}

/** The same route to another server, without the client certificate: for redirects. */
export function detour(route: Route, origin: Origin): Route {
  const { verify, proxy, ca, tls } = route;
  return { origin, name: origin.host, verify, proxy, ca, tls };
}

export function isSameOrigin(one: Origin, other: Origin): boolean {
  return one.secure === other.secure && one.host === other.host && one.port === other.port;
}

/** An origin as error messages name it. */
export function originText({ secure, host, port }: Origin): string {
  return `${secure ? 'https' : 'http'}://${authorityOf({ host, port })}`;
}

/** `host:port`, with an IPv6 address in brackets. */
export function authorityOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Whether user and password can be read. A `%` of their own is written `%25`. */
function isDecodable({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}

function proxyOf(text: string, { name }: ClusterEntry): URL {
  const url = readURL(text);
  if (url !== undefined && PROXY.test(url.protocol) && isDecodable(url)) return url;
  throw new EKSAuthError('INVALID_KUBECONFIG', `The proxy of cluster ${shown(name)} is not a URL that kubectl takes.`, {
    remedy: 'Write it as http://, https:// or socks5:// with host and port.',
  });
}
