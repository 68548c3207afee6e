import { createHash, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';

export const LOGIN_SESSION = 'arn:aws:sts::123456789012:assumed-role/Admin/kim';

/** One request to AWS Sign-In. */
export interface SignInRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly status: number;
}

/** An answer in place of the service's own. */
export interface SignInAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** AWS Sign-In on loopback: it takes each refresh token once, and only with a proof by the key of the login. */
export interface SignInService extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly SignInRequest[];
  /** Called before an answer is given; what it returns is the answer. */
  intercept: ((body: Readonly<Record<string, string>>) => SignInAnswer | undefined) | undefined;
  /** Where a home has the login of {@link LOGIN_SESSION}. */
  fileIn(home: string): string;
  /** `aws login`: writes the file of the session, and a profile `l` that names it. */
  login(home: string, secondsLeft: number, more?: Readonly<Record<string, unknown>>): string;
}

export async function startSignIn(): Promise<SignInService> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const requests: SignInRequest[] = [];
  let current = 'refresh-EXAMPLEKEY-0';
  const answerTo = (url: string, body: Readonly<Record<string, string>>, proof: string): SignInAnswer => {
    const denied = (error: string) => ({ status: 401, body: { error, message: 'The refresh token is not valid.' } });
    if (!isProof(proof, `${url}/v1/token`, publicKey)) return denied('INVALID_REQUEST');
    if (body.grantType !== 'refresh_token' || body.refreshToken !== current) return denied('TOKEN_EXPIRED');
    current = `refresh-EXAMPLEKEY-${requests.length + 1}`;
    const number = String(requests.length + 1);
    const accessToken = { accessKeyId: `ASIARENEWED${number}`, secretAccessKey: 'sEXAMPLEKEY', sessionToken: 't' };
    return { status: 200, body: { accessToken, expiresIn: 900, refreshToken: current, tokenType: 'aws_sigv4' } };
  };
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk) => chunks.push(chunk));
    incoming.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const body = JSON.parse(text) as Record<string, string>;
      const given = service.intercept?.(body) ?? answerTo(service.url, body, String(incoming.headers.dpop));
      requests.push({ path: incoming.url ?? '', headers: incoming.headers, body: text, status: given.status });
      response.writeHead(given.status, { 'content-type': 'application/json' }).end(JSON.stringify(given.body));
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const name = `${createHash('sha256').update(LOGIN_SESSION).digest('hex')}.json`;
  const service: SignInService = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    intercept: undefined,
    fileIn: (home) => join(home, '.aws/login/cache', name),
    login(home, secondsLeft, more = {}) {
      const file = service.fileIn(home);
      mkdirSync(dirname(file), { recursive: true });
      const expiresAt = `${new Date(Date.now() + secondsLeft * 1000).toISOString().slice(0, 19)}Z`;
      const keys = {
        accessKeyId: 'ASIAOLD',
        secretAccessKey: 'sEXAMPLEKEY',
        sessionToken: 't',
        accountId: '123456789012',
      };
      const content = {
        accessToken: { ...keys, expiresAt },
        tokenType: 'aws_sigv4',
        clientId: 'arn:aws:signin:::devtools/same-device',
        refreshToken: current,
        idToken: 'a.b.c',
        dpopKey: privateKey.export({ format: 'pem', type: 'sec1' }),
        ...more,
      };
      writeFileSync(file, JSON.stringify(content));
      writeFileSync(join(home, '.aws/config'), `[profile l]\nlogin_session = ${LOGIN_SESSION}\nregion = us-west-2\n`);
      return file;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
  return service;
}

/** What RFC 9449 asks of a proof, as far as it is decided by the request and the key. */
function isProof(proof: string, url: string, publicKey: ReturnType<typeof createPublicKey>): boolean {
  const [header = '', payload = '', signature = ''] = proof.split('.');
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString('utf8') || '{}');
  const { typ, alg, jwk } = read(header);
  const { htm, htu, iat, jti } = read(payload);
  if (typ !== 'dpop+jwt' || alg !== 'ES256' || htm !== 'POST' || htu !== url || !jti) return false;
  if (Math.abs(iat - Date.now() / 1000) > 300) return false;
  const own = createPublicKey({ key: jwk, format: 'jwk' });
  if (!own.equals(publicKey)) return false;
  const signed = Buffer.from(`${header}.${payload}`);
  return verify('sha256', signed, { key: own, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'));
}

/** The content of a login's file. */
export function readLoginFile(file: string): Record<string, unknown> & { accessToken: Record<string, string> } {
  return JSON.parse(readFileSync(file, 'utf8'));
}
