import { createServer as createHTTPServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHTTPSServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { EKSAuthError } from '../errors.ts';
import type { ServerCertificate } from './tls/certificate-authority.ts';

/** A server on loopback whose connections can be dropped and which closes completely. */
export interface Listener {
  readonly port: number;
  readonly server: Server;
  /** Destroys all connections, even during a request. The server keeps listening. Returns their number. */
  dropConnections(): number;
  /** Stops listening and destroys all connections. May be called again. */
  close(): Promise<void>;
}

/** Options of {@link listen}. */
export interface ListenOptions {
  /** Default: a free port. */
  readonly port?: number | undefined;
  /** Serves HTTPS. Default: plain HTTP. */
  readonly certificate?: ServerCertificate;
}

/** Longer than any client keeps a connection, so that the server never closes an idle one. */
const KEEP_ALIVE_MS = 10 * 60_000;

/** Listens on 127.0.0.1. */
export async function listen(
  handle: RequestListener,
  { port = 0, certificate }: ListenOptions = {},
): Promise<Listener> {
  const options = { keepAliveTimeout: KEEP_ALIVE_MS };
  const server =
    certificate === undefined
      ? createHTTPServer(options, handle)
      : createHTTPSServer({ ...options, ...certificate }, handle);
  // Tracks raw sockets, so that connections in their TLS handshake are destroyed too.
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(cannotListen(port, cause)));
    server.listen(port, '127.0.0.1', resolve);
  });

  const dropConnections = () => {
    const open = [...sockets];
    for (const socket of open) socket.destroy();
    return open.length;
  };
  return {
    port: (server.address() as AddressInfo).port,
    server,
    dropConnections,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      dropConnections();
      await closed;
    },
  };
}

function cannotListen(port: number, cause: Error): EKSAuthError {
  return new EKSAuthError('INVALID_CONFIG', `cannot listen on 127.0.0.1:${port}: ${cause.message}`, {
    remedy: 'Leave `port` out to get a free one.',
    cause,
  });
}
