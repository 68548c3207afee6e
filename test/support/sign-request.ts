import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { SignedWith } from './sign-token.ts';

export interface SignRequestOptions {
  readonly method?: string;
  readonly service?: string;
  readonly region?: string;
  readonly at?: Date;
  /** Of the credential scope. Default: that of `at`. */
  readonly day?: string;
  readonly body?: string;
  readonly accept?: string;
  /** The `Host` header: the name under which the service is asked. */
  readonly host?: string;
  /** Headers that are sent, but not signed. */
  readonly unsigned?: readonly string[];
  /** What is sent instead of what was signed: headers (undefined: without), or the body. */
  readonly instead?: { readonly headers?: Readonly<Record<string, string | undefined>>; readonly body?: string };
}

/** What came back. */
export interface Answer {
  readonly status: number | undefined;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

/** Sends a request signed in its headers: a signer of the tests' own. */
export async function sendSigned(
  endpoint: string,
  path: string,
  signer: SignedWith,
  options: SignRequestOptions = {},
): Promise<Answer> {
  const { method = 'POST', service = 'sts', region = 'us-east-1', at = new Date(), body = '', unsigned = [] } = options;
  const date = `${at.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
  const headers: Record<string, string> = {
    ...(options.accept === undefined ? {} : { accept: options.accept }),
    'content-type': 'application/x-www-form-urlencoded',
    host: options.host ?? new URL(endpoint).host,
    'x-amz-date': date,
    ...(signer.sessionToken === undefined ? {} : { 'x-amz-security-token': signer.sessionToken }),
  };
  const names = Object.keys(headers).filter((name) => !unsigned.includes(name));
  const [pathname = '', query = ''] = path.split('?');
  const doublyEncoded = pathname.split('/').map(encodeURIComponent).join('/');
  const lines = names.map((name) => `${name}:${headers[name]}\n`).join('');
  const canonical = [
    method,
    doublyEncoded,
    query.split('&').sort().join('&'),
    lines,
    names.join(';'),
    sha256(body),
  ].join('\n');
  const scope = [options.day ?? date.slice(0, 8), region, service, 'aws4_request'];
  let key: string | Buffer = `AWS4${signer.secretAccessKey}`;
  const toSign = ['AWS4-HMAC-SHA256', date, scope.join('/'), sha256(canonical)].join('\n');
  for (const step of [...scope, toSign]) key = createHmac('sha256', key).update(step).digest();
  headers.authorization = `AWS4-HMAC-SHA256 Credential=${[signer.accessKeyId, ...scope].join('/')}, SignedHeaders=${names.join(';')}, Signature=${key.toString('hex')}`;
  const sent = Object.entries({ ...headers, ...options.instead?.headers }).filter(([, value]) => value !== undefined);
  return send(
    endpoint,
    method,
    path,
    Object.fromEntries(sent) as Record<string, string>,
    options.instead?.body ?? body,
  );
}

export async function send(
  endpoint: string,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body = '',
): Promise<Answer> {
  const { hostname, port } = new URL(endpoint);
  const length = { 'content-length': String(Buffer.byteLength(body)) };
  const request = http.request({ hostname, port, method, path, agent: false, headers: { ...headers, ...length } });
  request.end(body);
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString() };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
