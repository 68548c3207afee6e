import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createCertificateAuthority } from '../../src/testing/tls/certificate-authority.ts';
import type { AuthenticatorRequest } from './authenticator-vectors.ts';

/** Every endpoint of STS behind one proxy. The credentials that it gives follow from the request. */
export interface STSBehindProxy extends AsyncDisposable {
  /** For HTTPS_PROXY. */
  readonly proxy: string;
  /** STS without TLS and without the proxy, for AWS_ENDPOINT_URL. */
  readonly plain: string;
  /** For AWS_CA_BUNDLE. */
  readonly certificate: string;
  /** What GetCallerIdentity answers from now on. */
  userId: string;
  /** What was asked since the last call. */
  take(): AuthenticatorRequest[];
}

export async function startSTSBehindProxy(): Promise<STSBehindProxy> {
  const authority = createCertificateAuthority('sts behind a proxy');
  const requests: AuthenticatorRequest[] = [];
  const sockets = new Set<Duplex>();
  const servers = new Map<string, SecureServer>();
  const state = { userId: '' };
  const listener: RequestListener = async (request, response) => {
    const asked = note(request, await bodyOf(request));
    requests.push(asked);
    const { status, body } = answerOf(asked, state.userId);
    response.writeHead(status, { 'content-type': 'text/xml' }).end(body);
  };
  /** A server without a port: the tunnels of the proxy end in it. */
  const serverOf = (host: string): SecureServer => {
    const known = servers.get(host) ?? createSecureServer(authority.issue([host]), listener);
    if (!servers.has(host))
      servers.set(
        host,
        known.on('tlsClientError', () => undefined),
      );
    return known;
  };
  const front = createServer(listener);
  front.on('connection', (socket: Socket) => sockets.add(socket.once('close', () => sockets.delete(socket))));
  front.on('connect', ({ url = '' }, socket: Duplex) => {
    socket.on('error', () => socket.destroy()).write('HTTP/1.1 200 Connection established\r\n\r\n');
    serverOf(url.replace(/:\d+$/, '')).emit('connection', socket);
  });
  await new Promise<void>((listening) => front.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
  return {
    proxy: url,
    plain: url,
    certificate: authority.certificate,
    get userId() {
      return state.userId;
    },
    set userId(userId) {
      state.userId = userId;
    },
    take: () => requests.splice(0),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => front.close(closed));
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function note({ headers, url = '' }: IncomingMessage, body: string): AuthenticatorRequest {
  return notedSTSRequest(`${headers.host}${url === '/' ? '' : url}`, body, headers.authorization);
}

/** A request as the vectors have it: the time in a generated session name and the date of the signature are left out. */
export function notedSTSRequest(host: string, body: string | undefined, authorization = ''): AuthenticatorRequest {
  const form = Object.fromEntries([...new URLSearchParams(body)].sort(([one], [other]) => (one < other ? -1 : 1)));
  const name = form.RoleSessionName?.replace(/^(aws-go-sdk-|)\d{19}$/, '$1NANOS');
  const signer = /Credential=([^,]+),/.exec(authorization)?.[1]?.replace(/\/\d{8}\//, '/') ?? '';
  return { host, form: { ...form, ...(name !== undefined && { RoleSessionName: name }) }, signer };
}

/** What STS answers: credentials that follow from the request, a refusal for a role called `denied`. */
export function answerOf(asked: AuthenticatorRequest, userId: string): { status: number; body: string } {
  const { Action = '', RoleArn = '' } = asked.form;
  if (RoleArn.endsWith('/denied')) {
    const error = '<Type>Sender</Type><Code>AccessDenied</Code><Message>Not authorized</Message>';
    return { status: 403, body: `<ErrorResponse><Error>${error}</Error></ErrorResponse>` };
  }
  const inside = Action === 'GetCallerIdentity' ? identity(userId) : credentials(asked);
  const body = `<${Action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${Action}Result>${inside}</${Action}Result></${Action}Response>`;
  return { status: 200, body };
}

function identity(userId: string): string {
  return `<UserId>${userId}</UserId><Account>123456789012</Account><Arn>arn:aws:iam::123456789012:user/u</Arn>`;
}

function credentials({ form, signer }: AuthenticatorRequest): string {
  const parts = JSON.stringify([JSON.stringify(form), signer]);
  const id = `ASIA${createHash('sha256').update(parts).digest('hex').slice(0, 16).toUpperCase()}`;
  return `<Credentials><AccessKeyId>${id}</AccessKeyId><SecretAccessKey>s${id}</SecretAccessKey>
    <SessionToken>t/${id}==</SessionToken><Expiration>2036-01-01T00:00:00Z</Expiration></Credentials>
    <AssumedRoleUser><AssumedRoleId>AROAX:s</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/r/s</Arn></AssumedRoleUser>`;
}
