import type { Recorder } from '../../recording/recorder.ts';
import { readURL } from './read-url.ts';
import { TransportError } from './transport.ts';

const SOCKS =
  'a SOCKS proxy serves the API server only (proxy-url): AWS is asked through http:// and https:// ones, as by the AWS CLI';

const NOT_ASCII =
  'the name or the password of the proxy has letters beyond ASCII, which the AWS CLI does not send either';

/**
 * The proxy for a URL as Python's urllib and botocore find it: `https_proxy` or `http_proxy` by the URL's scheme
 * (`all_proxy` counts for nothing), lower-case names before others, unless `no_proxy` names the host. On macOS and
 * Windows Python also asks the system's settings; only the variables count here.
 * @throws TransportError for a variable that is not a plain URL
 */
export function proxyFor(url: URL, recorder: Recorder): URL | undefined {
  const proxies = proxyVariables(recorder);
  const address = proxies.get(url.protocol.slice(0, -1));
  if (!address || bypasses(url, proxies.get('no') ?? '')) return undefined;
  const full = /^https?:/.test(address) ? address : address.startsWith('//') ? `http:${address}` : `http://${address}`;
  const proxy = readAddress(full);
  if (/^socks/i.test(address)) throw new TransportError('proxy', SOCKS);
  if (proxy === undefined) throw new TransportError('proxy', 'the address of the proxy is not a plain URL');
  return proxy;
}

/**
 * The address of a proxy. Its login is read as Python reads it, by the last `@` and the first `:`, so a password may have any character
 * besides `/`, `?`, `#`, a backslash and brackets; a `%` stands for itself where no two digits of a byte follow.
 * @throws TransportError for a login that is not ASCII: the AWS CLI fails with it
 */
function readAddress(text: string): URL | undefined {
  const [, scheme = '', login, rest = ''] = /^(https?:\/\/)(?:([^/?#]*)@)?(.*)$/su.exec(text) ?? [];
  const url = readURL(scheme + rest.replace(/^((?:[^/?#:[]*|\[[^\]]*\]):)0+(?=\d)/, '$1'));
  if (url === undefined || login === undefined) return url;
  if (/[\\[\]\p{Cc}]/u.test(login)) return undefined;
  const colon = login.indexOf(':');
  const [name, password] = colon < 0 ? [login, ''] : [login.slice(0, colon), login.slice(colon + 1)].map(unescaped);
  // Without a name or a password nothing is sent, as by botocore.
  if (!name || !password) return url;
  if (/[^\0-\x7f]/.test(name + password)) throw new TransportError('proxy', NOT_ASCII);
  url.username = encodeURIComponent(name);
  url.password = encodeURIComponent(password);
  return url;
}

function unescaped(text: string): string {
  return text.replace(/(?:%[\da-f]{2})+/gi, (bytes) => Buffer.from(bytes.replaceAll('%', ''), 'hex').toString('utf8'));
}

function proxyVariables(recorder: Recorder): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const named = recorder.proxyVariables();
  for (const [name, value] of named) if (value) found.set(name.slice(0, -6).toLowerCase(), value);
  // A web server hands a client's `Proxy:` header to its programs as HTTP_PROXY.
  if (recorder.variable('REQUEST_METHOD') !== undefined) found.delete('http');
  for (const [name, value] of named) {
    if (!name.endsWith('_proxy')) continue;
    const scheme = name.slice(0, -6).toLowerCase();
    if (value) found.set(scheme, value);
    else found.delete(scheme);
  }
  return found;
}

function bypasses(url: URL, noProxy: string): boolean {
  if (noProxy === '*') return true;
  const host = url.hostname.toLowerCase();
  const hostWithPort = url.host.toLowerCase();
  return noProxy
    .split(',')
    .map((name) => name.trim().replace(/^\.+/, '').toLowerCase())
    .filter((name) => name !== '')
    .some((name) => [host, hostWithPort].some((own) => own === name || own.endsWith(`.${name}`)));
}
