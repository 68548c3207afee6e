import { connect, isIP, type Socket } from 'node:net';
import { checkServerIdentity, connect as connectTLS, rootCertificates, type TLSSocket } from 'node:tls';
import { onAbort } from '../../system/link-signals.ts';
import { after, type Limits, timedOut } from './limits.ts';
import { authorityOf, type Certificates, originText, type Route } from './route.ts';
import { throughSOCKS } from './socks.ts';
import { proxyError, throughTunnel } from './tunnel.ts';

/** As in client-go, this detects dead peers on connections without traffic. */
const KEEP_ALIVE_MS = 30_000;

/**
 * Opens a connection along a route. The route alone decides how the certificate is checked, not the request.
 * @throws EKSAuthError TIMEOUT, or NETWORK for a proxy; the system's error for the server
 */
export async function dial(route: Route, limits: Limits, signal?: AbortSignal): Promise<Socket> {
  const { origin, proxy } = route;
  const place = `${originText(origin)}${proxy ? ` through the proxy ${proxy.host}` : ''}`;
  const socket = await within(limits, 'dialMs', `a connection to ${place}`, signal, (ended) =>
    proxy ? throughProxy(route, proxy, ended) : openSocket(origin, ended),
  );
  if (!origin.secure) return socket;
  return within(limits, 'handshakeMs', `the TLS handshake of ${place}`, signal, (ended) =>
    secureSocket(socket, route, ended),
  );
}

async function throughProxy(route: Route, proxy: URL, signal: AbortSignal): Promise<Socket> {
  const host = proxy.hostname.replace(/^\[|\]$/g, '');
  const [secure, standard] = proxy.protocol.startsWith('socks')
    ? [false, 1080]
    : proxy.protocol === 'https:'
      ? [true, 443]
      : [false, 80];
  const port = proxy.port === '' ? standard : Number(proxy.port);
  let socket: Socket;
  try {
    socket = await openSocket({ host, port }, signal);
    // The proxy may have a public certificate, whatever the authority of the cluster is.
    const ca = route.ca === undefined ? undefined : [...rootCertificates, String(route.ca)];
    if (secure) socket = await secureSocket(socket, { name: host, verify: route.verify, ca, tls: route.tls }, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw proxyError(proxy, 'cannot be reached', error);
  }
  return proxy.protocol.startsWith('socks')
    ? throughSOCKS(socket, proxy, route.origin, signal)
    : throughTunnel(socket, proxy, authorityOf(route.origin), signal);
}

function openSocket({ host, port }: { host: string; port: number }, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ host, port, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS, noDelay: true });
  return opened(socket, 'connect', signal);
}

interface SecureEnd extends Pick<Route, 'name' | 'verify' | 'tls'>, Omit<Certificates, 'ca'> {
  readonly ca?: Certificates['ca'] | readonly string[];
}

function secureSocket(socket: Socket, end: SecureEnd, signal: AbortSignal): Promise<TLSSocket> {
  const { name, verify, ca, cert, key, tls } = end;
  const secure = connectTLS({
    socket,
    // SNI allows names only. For an address it is empty.
    servername: isIP(name) === 0 ? name : '',
    checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate),
    // Always set, so that NODE_TLS_REJECT_UNAUTHORIZED=0 does not replace the setting of the kubeconfig.
    rejectUnauthorized: verify,
    ALPNProtocols: ['http/1.1'],
    ...(tls?.minVersion !== undefined && { minVersion: tls.minVersion }),
    ...(tls?.ciphers !== undefined && { ciphers: tls.ciphers }),
    ...(ca !== undefined && { ca: ca as string }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  });
  return opened(secure, 'secureConnect', signal);
}

/** Waits for a socket's event. The socket is destroyed with the signal, or if it fails. */
function opened<T extends Socket>(socket: T, event: string, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const callOff = onAbort(signal, () => {
      socket.destroy();
      reject(signal.reason);
    });
    socket.once(event, () => {
      callOff();
      resolve(socket);
    });
    // This listener stays: until the first request, nothing else listens for errors.
    socket.on('error', (error) => {
      callOff();
      socket.destroy();
      reject(error);
    });
    socket.once('close', () => {
      callOff();
      reject(Object.assign(new Error('The connection was closed before it was open.'), { code: 'ECONNRESET' }));
    });
  });
}

/** Runs a step with a signal that aborts with the caller's, or with TIMEOUT. */
async function within<T>(
  limits: Limits,
  limit: 'dialMs' | 'handshakeMs',
  what: string,
  signal: AbortSignal | undefined,
  step: (ended: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const stop = after(limits[limit], () => controller.abort(timedOut(what, limit, limits[limit])));
  const callOff = signal && onAbort(signal, () => controller.abort(signal.reason));
  try {
    return await step(controller.signal);
  } finally {
    stop();
    callOff?.();
  }
}
