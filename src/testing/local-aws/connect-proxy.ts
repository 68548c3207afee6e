import type { Server } from 'node:http';
import { connect as connectTo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createSecureContext, TLSSocket } from 'node:tls';
import { type Listener, listen } from '../listener.ts';
import type { CertificateAuthority } from '../tls/certificate-authority.ts';

/** An HTTPS proxy that sends AWS host names to the local AWS and refuses all others except loopback. */
export interface LocalProxy extends AsyncDisposable {
  /** The value for HTTPS_PROXY and HTTP_PROXY, `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** The `host:port` of every request, in order. */
  readonly connects: readonly string[];
  /** Destroys all connections. Returns their number. */
  dropConnections(): number;
  /** Stops listening and destroys all connections. May be called again. */
  close(): Promise<void>;
}

/** The domains of AWS in all partitions. */
const AWS_HOST =
  /(^|\.)(amazonaws\.(com|com\.cn|eu)|api\.aws|api\.amazonwebservices\.(com\.cn|eu)|awsapps\.com|c2s\.ic\.gov|sc2s\.sgov\.gov)$/;
const LOOPBACK = /^(127(\.\d+){3}|localhost)$/;

/** Starts a proxy that passes decrypted connections to a server. */
export async function startConnectProxy(target: Server, authority: CertificateAuthority): Promise<LocalProxy> {
  const connects: string[] = [];
  const tunnels = new Set<Duplex>();
  const contexts = new Map<string, ReturnType<typeof createSecureContext>>();
  // Plain HTTP requests need no tunnel.
  const listener: Listener = await listen((request, response) => {
    const host = /^http:\/\/([^/:]+)/.exec(request.url ?? '')?.[1] ?? '';
    connects.push(`${host}:80`);
    if (AWS_HOST.test(host)) target.emit('request', request, response);
    else response.writeHead(403, { 'Content-Type': 'text/plain' }).end(`${host} is not part of the local AWS\n`);
  });

  /** Makes a certificate for each host name at its first use. */
  function contextFor(host: string): ReturnType<typeof createSecureContext> {
    const known = contexts.get(host);
    if (known !== undefined) return known;
    const made = createSecureContext(authority.issue([host]));
    contexts.set(host, made);
    return made;
  }

  function track(stream: Duplex): void {
    tunnels.add(stream);
    stream.once('close', () => tunnels.delete(stream));
    stream.on('error', () => stream.destroy());
  }

  listener.server.on('connect', (request, socket: Socket, head: Buffer) => {
    const [host = '', port = '443'] = (request.url ?? '').split(':');
    connects.push(`${host}:${port}`);
    track(socket);
    if (AWS_HOST.test(host)) {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.unshift(head);
      const secure = new TLSSocket(socket, { isServer: true, secureContext: contextFor(host) });
      track(secure);
      target.emit('connection', secure);
    } else if (LOOPBACK.test(host)) {
      // Clients that use the proxy for all requests can still reach the local cluster.
      const tunnel = connectTo(Number(port), host, () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        tunnel.write(head);
        tunnel.pipe(socket).pipe(tunnel);
      });
      track(tunnel);
      tunnel.once('close', () => socket.destroy());
      socket.once('close', () => tunnel.destroy());
    } else {
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
    }
  });

  const close = async () => {
    for (const tunnel of tunnels) tunnel.destroy();
    await listener.close();
  };
  return {
    url: `http://127.0.0.1:${listener.port}`,
    connects,
    dropConnections() {
      for (const tunnel of tunnels) tunnel.destroy();
      return listener.dropConnections();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
