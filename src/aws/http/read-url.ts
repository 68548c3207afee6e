import { EKSAuthError } from '../../errors.ts';

/**
 * Scheme, perhaps name and password, a host, perhaps a port, path, query and fragment. A host is labels of ASCII letters,
 * digits, `-` and `_`, or an IPv6 address in brackets.
 */
const PLAIN =
  /^[a-z][a-z\d+.-]*:\/\/(?:[^\s\p{Cc}/?#\\]*@)?((?:[\w-]{1,63}\.)*[\w-]{1,63}\.?|\[[\da-f:.]{2,45}\])(?::\d{1,5})?(?:[/?#][\w.~!$&'()*+,;=:@%/?#-]*)?$/iu;
const LONGEST_NAME = 253;

/**
 * The one parser for addresses that decide something: where a token or a request goes, through which proxy, and what is
 * trusted. An address that passes means the same to every release of Node. Node's own parsers differ: each release
 * judges labels that begin with `xn--` and letters beyond ASCII by tables of its own. They also correct blanks,
 * backslashes and missing slashes, which other programs do not accept.
 * @returns undefined for any other text
 */
export function readURL(text: string): URL | undefined {
  const host = PLAIN.exec(text)?.[1];
  if (host === undefined || host.length > LONGEST_NAME || /(^|\.)xn--/i.test(host)) return undefined;
  try {
    return new URL(text);
  } catch {
    // A port or a number that is too large.
    return undefined;
  }
}

/**
 * @param what the address by its role; it may hold a password, so it is not shown itself
 * @throws EKSAuthError INVALID_CONFIG
 */
export function requireURL(text: string, what: string): URL {
  const url = readURL(text);
  if (url !== undefined) return url;
  throw new EKSAuthError('INVALID_CONFIG', `${what} is not a plain URL.`, {
    remedy: 'Write it as scheme://host:port/path, with a host of ASCII letters, digits, dots and hyphens.',
  });
}

/** Path and query of a URL as they are written, whatever its host is. */
export function pathAndQuery(url: string): { readonly path: string; readonly query: string } {
  const [, path = '', query = ''] = /^[^:/?#]+:\/\/[^/?#]*([^?#]*)([^#]*)/.exec(url) ?? [];
  return { path, query };
}

/** Where a connection leads: the parts of a URL that Node dials by. */
export interface Origin {
  readonly secure: boolean;
  /** In lower case, an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
}

/**
 * The address to which Node itself connects for an http(s) or ws(s) URL, also for one that {@link readURL} refuses: a
 * trusted kubeconfig may name such hosts.
 * @returns undefined for a URL that Node refuses, too
 */
export function originOf(text: string): Origin | undefined {
  try {
    const { protocol, hostname, port } = new URL(text);
    const secure = protocol === 'https:' || protocol === 'wss:';
    if (!secure && protocol !== 'http:' && protocol !== 'ws:') return undefined;
    const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
    return { secure, host, port: port === '' ? (secure ? 443 : 80) : Number(port) };
  } catch {
    return undefined;
  }
}

/**
 * The address to which a redirect leads.
 * @param location the header of the answer
 * @param from the address of the request
 * @returns undefined for an address that Node refuses
 */
export function redirectTarget(location: string, from: string): string | undefined {
  try {
    return new URL(location, from).href;
  } catch {
    return undefined;
  }
}
