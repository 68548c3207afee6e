import { type ClientRequest, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { connect as connectTLS, type TLSSocket } from 'node:tls';
import { onAbort } from '../../system/link-signals.ts';
import { verifiedBy } from './certificates.ts';
import { TransportError } from './transport.ts';

export interface TunnelOptions {
  readonly proxy: URL;
  /** Where the tunnel ends. */
  readonly target: URL;
  readonly ca: string | readonly string[] | undefined;
  readonly signal: AbortSignal;
}

/** A TLS connection to the target through an HTTP proxy (CONNECT). @throws TransportError */
export function openTunnel({ proxy, target, ca, signal }: TunnelOptions): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const host = target.hostname.replace(/^\[|\]$/g, '');
    const authority = `${target.hostname}:${target.port || '443'}`;
    const send = proxy.protocol === 'https:' ? httpsRequest : httpRequest;
    const request: ClientRequest = send({
      host: proxy.hostname.replace(/^\[|\]$/g, ''),
      port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
      method: 'CONNECT',
      path: authority,
      headers: { host: authority, ...proxyAuthorization(proxy) },
      agent: false,
      signal,
      ...verifiedBy(ca),
    });
    const refuse = (error: Error) =>
      reject(
        signal.aborted
          ? signal.reason
          : new TransportError('proxy', `the proxy ${proxy.host} cannot be reached`, error),
      );
    request.on('error', refuse);
    request.on('connect', (response, socket) => {
      request.off('error', refuse);
      request.on('error', () => {});
      if (response.statusCode !== 200) {
        socket.destroy();
        reject(new TransportError('proxy', `the proxy ${proxy.host} answers ${response.statusCode} to CONNECT`));
        return;
      }
      const secure = connectTLS({
        socket,
        // A name for SNI; the certificate is compared with the host in any case.
        ...(isIP(host) === 0 ? { servername: host } : { host }),
        ...verifiedBy(ca),
      });
      // The request has ended with the answer to CONNECT, and its signal with it.
      const callOff = onAbort(signal, () => secure.destroy(signal.reason));
      secure.once('secureConnect', () => {
        callOff();
        resolve(secure);
      });
      secure.once('error', (error) => {
        callOff();
        reject(signal.aborted ? signal.reason : new TransportError('tls', error.message, error));
      });
    });
    request.end();
  });
}

/** The header for basic authentication at the proxy. As in botocore, the URL must have both a name and a password. */
export function proxyAuthorization(proxy: URL): Record<string, string> {
  if (!proxy.username || !proxy.password) return {};
  const plain = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(plain).toString('base64')}` };
}
