import { createServer as createHTTP } from 'node:http';
import { createServer as createHTTPS } from 'node:https';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** A proxy on loopback that leads every connection to one port, whatever name it is asked for. */
export interface TestProxy extends AsyncDisposable {
  /** As `proxy-url` has it. */
  readonly url: string;
  /** The places that it was asked for: host and port. */
  readonly asked: readonly string[];
}

export interface ProxyOptions {
  /** Where all connections lead. */
  readonly port: number;
  /** `user:password` that it wants. */
  readonly credentials?: string;
  /** Of an https proxy. */
  readonly certificate?: { readonly cert: string; readonly key: string };
}

/** Starts a proxy that speaks CONNECT, over TLS where it has a certificate. */
export async function startTunnelProxy({ port, credentials, certificate }: ProxyOptions): Promise<TestProxy> {
  const asked: string[] = [];
  const server = certificate ? createHTTPS(certificate) : createHTTP();
  const wanted = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`;
  server.on('connect', ({ url = '', headers }, client: Duplex) => {
    asked.push(url);
    client.on('error', () => {});
    if (wanted !== undefined && headers['proxy-authorization'] !== wanted) {
      return void client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    }
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    lead(client, port);
  });
  return running(server, certificate ? 'https' : 'http', asked, credentials);
}

/** Starts a proxy that speaks SOCKS5. */
export async function startSOCKSProxy({ port, credentials }: ProxyOptions): Promise<TestProxy> {
  const asked: string[] = [];
  const server = createServer(
    (client) => void serveSOCKS(client, asked, port, credentials).catch(() => client.destroy()),
  );
  return running(server, 'socks5', asked, credentials);
}

async function serveSOCKS(client: Socket, asked: string[], port: number, credentials?: string): Promise<void> {
  client.on('error', () => {});
  const [, count = 0] = await take(client, 2);
  const methods = await take(client, count);
  const method = credentials === undefined ? 0 : 2;
  if (!methods.includes(method)) return void client.end(Buffer.from([5, 255]));
  client.write(Buffer.from([5, method]));
  if (credentials !== undefined) {
    const text = async (): Promise<string> => String(await take(client, (await take(client, 1))[0] ?? 0));
    await take(client, 1);
    const given = `${await text()}:${await text()}`;
    client.write(Buffer.from([1, given === credentials ? 0 : 1]));
    if (given !== credentials) return void client.end();
  }
  const [, , , kind] = await take(client, 4);
  const name = kind === 3 ? await take(client, (await take(client, 1))[0] ?? 0) : undefined;
  const host = name ? String(name) : (await take(client, kind === 1 ? 4 : 16)).join('.');
  asked.push(`${host}:${(await take(client, 2)).readUInt16BE()}`);
  client.write(Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]));
  lead(client, port);
}

async function take(socket: Socket, length: number): Promise<Buffer> {
  if (length === 0) return Buffer.alloc(0);
  for (;;) {
    const bytes: Buffer | null = socket.read(length);
    if (bytes !== null) return bytes;
    await new Promise((resolve) => socket.once('readable', resolve));
  }
}

function lead(client: Duplex, port: number): void {
  const up = connect(port, '127.0.0.1');
  up.on('error', () => client.destroy());
  client.on('close', () => up.destroy());
  up.on('close', () => client.destroy());
  client.pipe(up).pipe(client);
}

async function running(server: Server, scheme: string, asked: string[], credentials?: string): Promise<TestProxy> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const user = credentials === undefined ? '' : `${credentials.split(':').map(encodeURIComponent).join(':')}@`;
  return {
    url: `${scheme}://${user}127.0.0.1:${port}`,
    asked,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
