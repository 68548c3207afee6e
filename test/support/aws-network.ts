import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createCertificateAuthority } from '../../src/testing/tls/certificate-authority.ts';
import type { Situation } from './aws-network-situations.ts';

/** What a network sees of one call of AssumeRole. Equal requests count once. */
export interface Seen {
  /** Each request to a proxy: which proxy, the first line, and the Proxy-Authorization. */
  readonly proxies: readonly string[];
  /** Whether a request came to STS past the proxies. */
  readonly direct: boolean;
}

/** Two proxies, one of them also over TLS, and an STS that answers each AssumeRole, over TLS and without. */
export interface AWSNetwork extends AsyncDisposable {
  /** The environment of a situation, in a home directory of its own. */
  arrange(situation: Situation): Record<string, string>;
  /** Replaces the names of this network in a text: `{P1}`, `{P2}`, `{TLS}`, `{STS}`, `{PLAIN}`, `{HOME}`. */
  fill(text: string): string;
  /** What was seen since the last call. */
  take(): Seen;
}

const ANSWER = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
<AssumedRoleUser><AssumedRoleId>AROAEXAMPLE:EKSGetTokenAuth</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/r/EKSGetTokenAuth</Arn></AssumedRoleUser>
<Credentials><AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>role/EXAMPLEKEY</SecretAccessKey><SessionToken>role+token</SessionToken><Expiration>2049-01-01T00:00:00Z</Expiration></Credentials>
</AssumeRoleResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></AssumeRoleResponse>`;

export async function startAWSNetwork(): Promise<AWSNetwork> {
  const home = mkdtempSync(join(tmpdir(), 'aws-network-'));
  const authority = createCertificateAuthority('network');
  const certificate = authority.issue(['localhost', '127.0.0.1', '::1']);
  const proxies = new Set<string>();
  const tunnels = new Set<number>();
  const sockets = new Set<Socket>();
  let direct = false;

  const answer: RequestListener = (request, response) => {
    if (!tunnels.has(request.socket.remotePort ?? 0)) direct = true;
    request.resume().on('end', () => response.writeHead(200, { 'Content-Type': 'text/xml' }).end(ANSWER));
  };
  const ports = new Map<string, number>();
  const note = (name: string, { method, url, headers }: IncomingMessage) => {
    const who = headers['proxy-authorization'];
    proxies.add(named(`${name} ${method} ${url}${who === undefined ? '' : ` ${who}`}`, ports));
  };
  const proxy = (name: string, server: Server): Server => {
    server.on('request', (request, response) => {
      note(name, request);
      request.resume().on('end', () => response.writeHead(200, { 'Content-Type': 'text/xml' }).end(ANSWER));
    });
    server.on('connect', (request: IncomingMessage, socket: Socket) => {
      note(name, request);
      const port = Number(/:(\d+)$/.exec(request.url ?? '')?.[1]);
      if (![...ports.values()].includes(port)) return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      const up = connect(port, '127.0.0.1', () => {
        const from = up.localPort ?? 0;
        tunnels.add(from);
        // The port may be given to another connection afterwards.
        up.on('close', () => setImmediate(() => tunnels.delete(from)));
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        up.pipe(socket).pipe(up);
      });
      for (const one of [up, socket]) one.on('error', () => up.destroy()).on('close', () => up.destroy());
    });
    return server;
  };
  const servers: Readonly<Record<string, Server>> = {
    P1: proxy('P1', createServer()),
    P2: proxy('P2', createServer()),
    TLS: proxy('TLS', createSecureServer(certificate)),
    STS: createSecureServer(certificate, answer),
    PLAIN: createServer(answer),
  };
  for (const [name, server] of Object.entries(servers)) {
    server.on('connection', (socket: Socket) => sockets.add(socket.once('close', () => sockets.delete(socket))));
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    ports.set(name, (server.address() as AddressInfo).port);
  }

  const fill = (text: string) =>
    text
      .replace(/\{(P1|P2|TLS|STS|PLAIN)\}/g, (_, name: string) => String(ports.get(name)))
      .replaceAll('{HOME}', home)
      .replaceAll('{CA}', authority.certificate);
  return {
    fill,
    arrange({ env, files = {}, endpoint = 'https://localhost:{STS}' }) {
      rmSync(home, { recursive: true, force: true });
      const written = { 'ca.pem': '{CA}', ...files };
      for (const [name, text] of Object.entries(written)) {
        mkdirSync(dirname(join(home, name)), { recursive: true });
        writeFileSync(join(home, name), fill(text));
      }
      const given = Object.entries({ AWS_ENDPOINT_URL_STS: endpoint, AWS_CA_BUNDLE: '{HOME}/ca.pem', ...env });
      const filled = given.flatMap(([name, value]) => (value === null ? [] : [[name, fill(value)]]));
      return {
        HOME: home,
        AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
        AWS_SECRET_ACCESS_KEY: 'user/EXAMPLEKEY',
        AWS_MAX_ATTEMPTS: '1',
        ...Object.fromEntries(filled),
      };
    },
    take() {
      const seen = { proxies: [...proxies].sort(), direct };
      proxies.clear();
      direct = false;
      return seen;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await Promise.all(Object.values(servers).map((server) => new Promise((closed) => server.close(closed))));
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** A line with names in place of ports, which differ in each run. */
function named(line: string, ports: ReadonlyMap<string, number>): string {
  return [...ports].reduce((text, [name, port]) => text.replaceAll(`:${port}`, `:{${name}}`), line);
}
