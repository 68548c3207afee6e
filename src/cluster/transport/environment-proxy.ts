import { BlockList, isIP } from 'node:net';
import { readURL } from '../../aws/http/read-url.ts';
import { EKSAuthError } from '../../errors.ts';
import type { Environment } from '../../host.ts';

/**
 * Scheme, host and port as they are written: a trusted kubeconfig may name hosts that {@link readURL} does not read.
 */
const SERVER = /^(https?):\/\/(?:[^/?#\\@]*@)?(\[[^\]]*\]|[^/?#\\:]+)(?::(\d*))?(?:[/?#]|$)/;

/**
 * The proxy that kubectl uses where the kubeconfig names none: HTTPS_PROXY or HTTP_PROXY by the server's scheme, unless
 * NO_PROXY names the host. Upper case wins over lower case. ALL_PROXY is ignored. Loopback is never proxied.
 * @throws EKSAuthError INVALID_CONFIG where the variable is not a URL
 */
export function environmentProxy(server: string, env: Environment): string | undefined {
  const [, protocol = '', host = '', port = ''] = SERVER.exec(readURL(server)?.href ?? server.toLowerCase()) ?? [];
  if (host === '') return undefined;
  const scheme = protocol === 'https' ? 'HTTPS' : 'HTTP';
  const variable = `${scheme}_PROXY`;
  const address = env[variable] || env[variable.toLowerCase()];
  if (!address) return undefined;
  // In a CGI program, HTTP_PROXY is the `Proxy:` header of the client (httpoxy).
  if (scheme === 'HTTP' && env.REQUEST_METHOD) return undefined;
  const name = plainAddress(host.replace(/^\[|\]$/g, ''));
  const exempt = isExempt(name, port || (scheme === 'HTTPS' ? '443' : '80'), env.NO_PROXY || env.no_proxy || '');
  if (isLoopback(name) || exempt) return undefined;
  const proxy = /^[a-z][a-z0-9+.-]*:\/\/[^/]/i.test(address) ? address : `http://${address}`;
  if (readURL(proxy)) return proxy;
  throw new EKSAuthError('INVALID_CONFIG', `The environment variable ${variable} is not a proxy URL.`, {
    remedy: `Correct ${variable}, for example http://proxy.example:3128, or name the API server's host in NO_PROXY.`,
  });
}

/** An IPv4 address that is written in IPv6, such as `::ffff:10.1.2.3`, in its own notation. Other hosts are as they were. */
function plainAddress(host: string): string {
  if (isIP(host) !== 6) return host;
  const [, high, low] =
    /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(readURL(`http://[${host}]`)?.hostname.slice(1, -1) ?? '') ?? [];
  if (high === undefined || low === undefined) return host;
  const [one, other] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [one >> 8, one & 255, other >> 8, other & 255].join('.');
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/**
 * Whether NO_PROXY matches. It lists names, `.names` and `*.names` (subdomains only), addresses, CIDR blocks and `*`.
 */
function isExempt(host: string, port: string, noProxy: string): boolean {
  return noProxy
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '')
    .some((entry) => entry === '*' || (entry.includes('/') ? inBlock(host, entry) : matches(host, port, entry)));
}

function inBlock(host: string, entry: string): boolean {
  const [text = '', bits = ''] = entry.split('/', 2);
  if (isIP(text) === 0 || !/^\d+$/.test(bits) || Number(bits) > (isIP(text) === 6 ? 128 : 32)) return false;
  const network = plainAddress(text);
  const kind = isIP(network) === 6 ? 'ipv6' : 'ipv4';
  // A block of IPv4 addresses that is written in IPv6 has 96 bits more.
  const width = Number(bits) - (isIP(text) === 6 && kind === 'ipv4' ? 96 : 0);
  if (isIP(host) !== isIP(network) || width < 0) return false;
  const block = new BlockList();
  block.addSubnet(network, width, kind);
  return block.check(host, kind);
}

function matches(host: string, port: string, entry: string): boolean {
  const split = isIP(entry) === 6 ? undefined : /^\[?([^\]]*)\]?:(\d+)$/.exec(entry);
  const name = (split?.[1] ?? entry).replace(/^\[|\]$/g, '');
  if (name === '' || (split !== undefined && split !== null && split[2] !== port)) return false;
  if (isIP(name)) return isSameAddress(name, host);
  const subdomains = name.replace(/^\*(?=\.)/, '');
  if (subdomains.startsWith('.')) return host.endsWith(subdomains);
  return host === subdomains || host.endsWith(`.${subdomains}`);
}

/** Whether two addresses are the same, in any notation: an IPv6 address has many. */
function isSameAddress(one: string, other: string): boolean {
  const [family, otherFamily] = [isIP(one), isIP(other)];
  if (family === 0 || otherFamily === 0) return false;
  const list = new BlockList();
  list.addAddress(one, family === 6 ? 'ipv6' : 'ipv4');
  return list.check(other, otherFamily === 6 ? 'ipv6' : 'ipv4');
}
