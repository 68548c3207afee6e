import { request as httpRequest } from 'node:http';
import type { Socket } from 'node:net';
import { EKSAuthError } from '../../errors.ts';
import { onAbort } from '../../system/link-signals.ts';

/**
 * Lets an HTTP proxy connect to a server (CONNECT).
 * @param socket a connection to the proxy
 * @param authority the server, `host:port`
 * @throws EKSAuthError NETWORK
 */
export function throughTunnel(socket: Socket, proxy: URL, authority: string, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const callOff = onAbort(signal, () => {
      socket.destroy();
      reject(signal.reason);
    });
    const fail = (what: string, cause?: unknown): void => {
      callOff();
      socket.destroy();
      reject(proxyError(proxy, what, cause));
    };
    const request = httpRequest({
      method: 'CONNECT',
      path: authority,
      headers: { host: authority, ...proxyAuthorization(proxy) },
      createConnection: () => socket,
    });
    request.on('error', (error) => fail('closed the connection', error));
    request.on('response', ({ statusCode }) => fail(`answers ${statusCode} to CONNECT`));
    request.on('connect', ({ statusCode }, connected: Socket, head) => {
      if (statusCode !== 200) return fail(`answers ${statusCode} to CONNECT`);
      callOff();
      if (head.length > 0) connected.unshift(head);
      resolve(connected);
    });
    request.end();
  });
}

/** The header for basic authentication at the proxy. As in Go, a name alone or a password alone is enough. */
function proxyAuthorization({ username, password }: URL): Record<string, string> {
  if (!username && !password) return {};
  const plain = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(plain).toString('base64')}` };
}

/** The error of a proxy. Its address is named without user and password. */
export function proxyError({ protocol, host }: URL, what: string, cause?: unknown): EKSAuthError {
  const said = cause instanceof Error ? `: ${cause.message}` : '';
  return new EKSAuthError('NETWORK', `The proxy ${protocol}//${host} ${what}${said}.`, {
    remedy: 'Check proxy-url in the kubeconfig, else HTTPS_PROXY and NO_PROXY.',
    cause,
  });
}
