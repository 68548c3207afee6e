import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { listen } from '../../src/testing/listener.ts';
import { type CertificateAuthority, createCertificateAuthority } from '../../src/testing/tls/certificate-authority.ts';

/** A request as the server saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string;
  readonly body: string;
  /** Each line of the head that says whom the request is made as, sorted. */
  readonly impersonation: readonly string[];
  /** Every line of the head, trailers left out. */
  readonly head: readonly string[];
}

/** A server that answers as a test says, with a kubeconfig for it. */
export interface ScriptedServer extends AsyncDisposable {
  readonly url: string;
  readonly kubeconfig: string;
  /** The server with its authority, as a caller vouches for it. */
  readonly trusted: { readonly server: string; readonly certificateAuthorityData: string };
  /** What has issued its certificate. */
  readonly authority: CertificateAuthority;
  readonly seen: readonly SeenRequest[];
  /** How many connections were ever opened. */
  readonly connections: number;
  openConnections(): Promise<number>;
  dropConnections(): number;
}

/** Starts one; `answer` gets each request with its body read. */
export async function scriptedServer(
  answer: (request: SeenRequest, response: ServerResponse) => void,
  upgrade: (request: SeenRequest, socket: Duplex, accept: () => void) => void = (_request, socket) => socket.destroy(),
  authority: CertificateAuthority = createCertificateAuthority('scripted'),
  names: readonly [string, ...string[]] = ['127.0.0.1'],
): Promise<ScriptedServer> {
  const seen: SeenRequest[] = [];
  let connections = 0;
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { method = '', url = '', headers } = request;
    const one = { method, path: url, authorization: headers.authorization ?? '', body, ...linesOf(request) };
    seen.push(one);
    answer(one, response);
  };
  const certificate = authority.issue(names);
  const listener = await listen((request, response) => void handle(request, response).catch(() => {}), { certificate });
  listener.server.on('secureConnection', () => {
    connections += 1;
  });
  listener.server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
    const { method = '', url = '', headers } = request;
    const one = {
      method,
      path: url,
      authorization: headers.authorization ?? '',
      body: '',
      ...linesOf(request),
    };
    seen.push(one);
    socket.on('error', () => {});
    upgrade(one, socket, () => socket.write(handshake(headers)));
  });
  const url = `https://127.0.0.1:${listener.port}`;
  const exec = { command: 'aws', args: ['--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'dev'] };
  const certificateAuthorityData = Buffer.from(authority.certificate).toString('base64');
  return {
    url,
    trusted: { server: url, certificateAuthorityData },
    kubeconfig: JSON.stringify({
      kind: 'Config',
      'current-context': 'dev',
      contexts: [{ name: 'dev', context: { cluster: 'dev', user: 'dev' } }],
      clusters: [
        {
          name: 'dev',
          cluster: {
            server: url,
            'certificate-authority-data': certificateAuthorityData,
          },
        },
      ],
      users: [{ name: 'dev', user: { exec } }],
    }),
    authority,
    seen,
    get connections() {
      return connections;
    },
    openConnections: () =>
      new Promise((resolve, reject) =>
        listener.server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      ),
    dropConnections: listener.dropConnections,
    [Symbol.asyncDispose]: listener.close,
  };
}

function linesOf({ rawHeaders }: IncomingMessage): Pick<SeenRequest, 'impersonation' | 'head'> {
  const head = rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${rawHeaders[index + 1]}`] : []));
  return { impersonation: head.filter((line) => /^impersonate-/i.test(line)).sort(), head };
}

/** How many of the requests that a server has received hold an EKS token anywhere. */
export function tokensAt({ seen }: { readonly seen: readonly SeenRequest[] }): number {
  return seen.filter((request) => JSON.stringify(request).includes('k8s-aws-v1.')).length;
}

/** The answer of an API server that does not accept a token. */
export function unauthorized(response: ServerResponse): void {
  const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Unauthorized', code: 401 };
  response.writeHead(401, { 'Content-Type': 'application/json' }).end(JSON.stringify(status));
}

/** An answer that any list can be read from. */
export function emptyList(response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"kind":"List","metadata":{},"items":[]}');
}

/** How a server agrees to a web socket. */
function handshake(headers: IncomingMessage['headers']): string {
  const accept = createHash('sha1')
    .update(`${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64');
  const [protocol] = (headers['sec-websocket-protocol'] ?? '').split(',');
  return [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${accept}`,
    `Sec-WebSocket-Protocol: ${protocol}`,
    '\r\n',
  ].join('\r\n');
}

/** A short message of a server over a web socket: the number of the stream, then its bytes. */
export function frame(stream: number, data: string | Buffer): Buffer {
  const payload = Buffer.concat([Buffer.from([stream]), Buffer.from(data)]);
  const length = payload.length < 126 ? [payload.length] : [126, payload.length >> 8, payload.length & 255];
  return Buffer.concat([Buffer.from([0x82, ...length]), payload]);
}
