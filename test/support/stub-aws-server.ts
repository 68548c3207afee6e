import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HTTPRequest } from '../../src/aws/http/transport.ts';
import type { VectorHTTPRequest } from './mint-vectors.ts';
import { stubAWS } from './stub-aws.ts';

/** The stub of AWS on a port of this machine: `/sts`, `/sso`, `/oidc`, `/container`, `/imds`. */
export interface LocalAWS {
  readonly url: string;
  /** What was asked since the last call. */
  takeRequests(): readonly VectorHTTPRequest[];
  close(): Promise<void>;
}

const HOSTS: Readonly<Record<string, string>> = {
  sts: 'https://sts.stub',
  sso: 'https://portal.sso.stub',
  oidc: 'https://oidc.stub',
  container: 'http://169.254.170.2',
  imds: 'http://169.254.169.254',
};

export async function startLocalAWS(now: Date): Promise<LocalAWS> {
  const aws = stubAWS({ now, stub: { imds: true } });
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', async () => {
      const [, first = '', rest = ''] = /^\/(\w+)(.*)$/.exec(incoming.url ?? '') ?? [];
      const request: HTTPRequest = {
        method: incoming.method as HTTPRequest['method'],
        url: `${HOSTS[first] ?? 'http://unknown.stub'}${first === 'sts' ? '/' : rest || '/'}`,
        headers: incoming.headers as Record<string, string>,
        body: Buffer.concat(chunks).toString(),
        proxied: false,
        connectTimeoutMs: 0,
        readTimeoutMs: 0,
      };
      const response = await aws.transport(request).catch(() => ({ status: 500, headers: {}, body: '' }));
      outgoing.writeHead(response.status, response.headers).end(response.body);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    takeRequests: () => aws.requests.splice(0),
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
