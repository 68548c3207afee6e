import { createHash } from 'node:crypto';
import {
  type HTTPRequest,
  type HTTPResponse,
  type HTTPTransport,
  TransportError,
} from '../../src/aws/http/transport.ts';
import type { VectorHTTPRequest } from './mint-vectors.ts';

export interface StubOptions {
  readonly now: Date;
  /** The vector's `stub`: what the AWS endpoints answer. */
  readonly stub: Readonly<Record<string, unknown>>;
}

export interface StubAWS {
  readonly transport: HTTPTransport;
  /** What was sent, in the words of the vectors. */
  readonly requests: VectorHTTPRequest[];
}

/** AWS as the vectors describe it (their `meta`): credentials that follow from who asks for what. */
export function stubAWS({ now, stub }: StubOptions): StubAWS {
  const requests: VectorHTTPRequest[] = [];
  const transport: HTTPTransport = async (request) => {
    requests.push(note(request));
    if (stub.network) throw new TransportError(stub.network === 'ssl' ? 'tls' : 'unreachable', String(stub.network));
    return answer(request, now, stub);
  };
  return { transport, requests };
}

function answer(request: HTTPRequest, now: Date, stub: Readonly<Record<string, unknown>>): HTTPResponse {
  const url = new URL(request.url);
  if (url.hostname.startsWith('portal.sso.')) {
    if (stub.sso === 'unauthorized') return json(401, { message: 'Session token not found or invalid' });
    const keys = stubCredentials([
      'sso',
      url.searchParams.get('account_id') ?? '',
      url.searchParams.get('role_name') ?? '',
    ]);
    const [accessKeyId, secretAccessKey, sessionToken] = keys;
    const expiration = now.getTime() + 3_600_000;
    return json(200, { roleCredentials: { accessKeyId, secretAccessKey, sessionToken, expiration } });
  }
  if (url.hostname.startsWith('oidc.')) {
    if (stub.oidc === 'expired') return json(400, { error: 'invalid_grant' });
    return json(200, { accessToken: 'refreshed-sso-token', expiresIn: 3600, refreshToken: 'rt2', tokenType: 'Bearer' });
  }
  if (url.hostname.startsWith('signin.')) {
    const accessToken = { accessKeyId: 'ASIANEW', secretAccessKey: 'sEXAMPLEKEY', sessionToken: 't' };
    return json(200, { accessToken, expiresIn: 900, refreshToken: 'rt2', tokenType: 'aws_sigv4' });
  }
  if (url.hostname === '169.254.169.254') {
    if (!stub.imds) throw new TransportError('timeout', 'no instance metadata service');
    if (request.method === 'PUT') return text(200, 'imds-session');
    if (url.pathname.endsWith('/security-credentials/')) return text(200, 'node-role');
    return json(200, metadata(['imds'], now));
  }
  if (url.hostname === '169.254.170.2' || url.hostname === 'localhost') return json(200, metadata(['container'], now));
  if (url.hostname.startsWith('sts')) return sts(request, now, stub);
  throw new TransportError('unreachable', `nothing at ${url.host}`);
}

function sts(request: HTTPRequest, now: Date, stub: Readonly<Record<string, unknown>>): HTTPResponse {
  const form = new URLSearchParams(request.body);
  const action = form.get('Action') ?? '';
  const roleArn = form.get('RoleArn') ?? '';
  if (stub.assumeRole) {
    const code = String(stub.assumeRole);
    const said =
      code === 'AccessDenied'
        ? `User: arn:aws:iam::123456789012:user/alice is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`
        : 'The security token included in the request is expired';
    return text(
      403,
      `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${said}</Message></Error></ErrorResponse>`,
    );
  }
  const caller = form.get('WebIdentityToken') ?? signer(request) ?? '';
  const [id, secret, token] = stubCredentials([action, roleArn, caller, form.get('ExternalId') ?? '']);
  const end = new Date(now.getTime() + Number(form.get('DurationSeconds') ?? 3600) * 1000).toISOString();
  return text(
    200,
    `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result>
      <Credentials><AccessKeyId>${id}</AccessKeyId><SecretAccessKey>${secret}</SecretAccessKey>
      <SessionToken>${token}</SessionToken><Expiration>${end}</Expiration></Credentials>
      <AssumedRoleUser><AssumedRoleId>AROAX:s</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/r/s</Arn></AssumedRoleUser>
    </${action}Result></${action}Response>`,
  );
}

function stubCredentials(parts: readonly string[]): [id: string, secret: string, token: string] {
  const hash = createHash('sha256').update(parts.join('|')).digest('hex');
  return [`ASIA${hash.slice(0, 16).toUpperCase()}`, `sk+/${hash.slice(0, 36)}`, `tok/${hash}+/==`];
}

function metadata(parts: readonly string[], now: Date): object {
  const [AccessKeyId, SecretAccessKey, Token] = stubCredentials(parts);
  const Expiration = `${new Date(now.getTime() + 6 * 3_600_000).toISOString().slice(0, 19)}Z`;
  return { Code: 'Success', AccessKeyId, SecretAccessKey, Token, Expiration };
}

function signer({ headers }: HTTPRequest): string | null {
  return /Credential=([^/]+)\//.exec(headers.authorization ?? headers.Authorization ?? '')?.[1] ?? null;
}

function note(request: HTTPRequest): VectorHTTPRequest {
  const isForm = /urlencoded/.test(request.headers['content-type'] ?? '');
  const isJSON = /json/.test(request.headers['content-type'] ?? '');
  return {
    method: request.method,
    url: request.url,
    form: isForm ? Object.fromEntries(new URLSearchParams(request.body)) : {},
    json: isJSON ? JSON.parse(request.body ?? '') : null,
    signerAccessKeyId: signer(request),
    securityToken: request.headers['x-amz-security-token'] ?? null,
  };
}

function json(status: number, body: object): HTTPResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function text(status: number, body: string): HTTPResponse {
  return { status, headers: { 'content-type': 'text/xml' }, body };
}
