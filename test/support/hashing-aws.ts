import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type Listener, listen } from '../../src/testing/listener.ts';
import { startConnectProxy } from '../../src/testing/local-aws/connect-proxy.ts';
import type { CertificateAuthority } from '../../src/testing/tls/certificate-authority.ts';

/** Text that follows from the parts, of capitals and digits. */
export function hashOf(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16).toUpperCase();
}

/** The secret of an access key: it follows from the id, so that a signature can be checked by the id alone. */
export function secretOf(accessKeyId: string): string {
  return `EXAMPLEKEY/${hashOf('secret', accessKeyId)}`;
}

/** A login token or a web identity: the person counts, the rest is another edition of the same. */
export function bearerOf(person: string, edition = 1): string {
  return `EXAMPLEKEY.${person}.${edition}`;
}

function personOf(bearer: string): string {
  return bearer.split('.')[1] ?? bearer;
}

/**
 * AWS as one of its worlds: STS, the SSO portal, SSO-OIDC, container and instance credentials on one port. The access key
 * id in an answer is a hash of the request (host, role, given session name, external id, bearer, signer) and of the
 * world's name: another request is another id.
 */
export interface HashingAWS {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** An HTTPS proxy that leads the real host names of AWS to this world. */
  readonly proxy: string;
  /** What the container endpoint of this name hands out from now on. */
  switchContainer(name: string, role: string): void;
  close(): Promise<void>;
}

interface Asked {
  readonly world: string;
  readonly host: string;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly containers: ReadonlyMap<string, string>;
}

interface Answered {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

export async function startHashingAWS(world: string, authority: CertificateAuthority): Promise<HashingAWS> {
  const containers = new Map<string, string>();
  const listener: Listener = await listen((incoming, outgoing) => {
    readForm(incoming)
      .then((form) => {
        const url = new URL((incoming.url ?? '/').replace(/^http:\/\/[^/]*/, ''), 'http://local');
        const { method = 'GET', headers } = incoming;
        const host = headers.host ?? '';
        const asked = { world, host, method, path: url.pathname, query: url.searchParams, form, headers, containers };
        const { status, type, body } = answer(asked);
        outgoing.writeHead(status, { 'content-type': type }).end(body);
      })
      .catch(() => outgoing.destroy());
  });
  const proxy = await startConnectProxy(listener.server, authority);
  return {
    url: `http://127.0.0.1:${listener.port}`,
    proxy: proxy.url,
    switchContainer: (name, role) => void containers.set(name, role),
    async close() {
      await proxy.close();
      await listener.close();
    },
  };
}

async function readForm(incoming: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  return text.startsWith('{') ? new URLSearchParams(JSON.parse(text)) : new URLSearchParams(text);
}

function answer(asked: Asked): Answered {
  const { method, path, form } = asked;
  if (form.has('Action')) return sts(asked);
  if (path.endsWith('/federation/credentials')) return ssoRole(asked);
  if (method === 'POST' && path.endsWith('/token')) return renewed(asked);
  if (path.startsWith('/container/')) return container(asked);
  if (path.includes('/latest/')) return instance(asked);
  return { status: 404, type: 'text/plain', body: 'nothing is here' };
}

function sts({ world, host, form, headers }: Asked): Answered {
  const word = (name: string) => form.get(name) ?? '';
  const action = word('Action');
  const session = word('RoleSessionName').replace(/^botocore-session-\d+$/, 'generated');
  const signer = /Credential=([^/]+)\//.exec(headers.authorization ?? '')?.[1] ?? '';
  const caller = form.has('WebIdentityToken') ? personOf(word('WebIdentityToken')) : signer;
  const id = `ASIA${hashOf(world, host, action, word('RoleArn'), session, word('ExternalId'), caller)}`;
  const role = word('RoleArn').split('/').at(-1) ?? '';
  const fields = `<AccessKeyId>${id}</AccessKeyId><SecretAccessKey>${secretOf(id)}</SecretAccessKey>
    <SessionToken>token/${id}</SessionToken><Expiration>${end(role)}</Expiration>`;
  const user = `<AssumedRoleId>AROAX:s</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/${role}/s</Arn>`;
  const body = `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result>
    <Credentials>${fields}</Credentials><AssumedRoleUser>${user}</AssumedRoleUser></${action}Result></${action}Response>`;
  return { status: 200, type: 'text/xml', body };
}

function ssoRole({ world, host, query, headers }: Asked): Answered {
  const person = personOf(String(headers['x-amz-sso_bearer_token']));
  const role = query.get('role_name') ?? '';
  const accessKeyId = `ASIA${hashOf(world, host, 'sso', query.get('account_id') ?? '', role, person)}`;
  const keys = { accessKeyId, secretAccessKey: secretOf(accessKeyId), sessionToken: `token/${accessKeyId}` };
  return json({ roleCredentials: { ...keys, expiration: Date.parse(end(role)) } });
}

function renewed({ form }: Asked): Answered {
  const [, person = '', edition = '0'] = (form.get('refreshToken') ?? '').split('.');
  const next = bearerOf(person, Number(edition) + 1);
  return json({ accessToken: next, refreshToken: next, expiresIn: 7200, tokenType: 'Bearer' });
}

function container({ world, path, query, headers, containers }: Asked): Answered {
  const name = path.slice('/container/'.length);
  const bearer = personOf(headers.authorization ?? '');
  return json(metadata(`ASIA${hashOf(world, 'container', path, String(query), bearer, containers.get(name) ?? '')}`));
}

function instance({ world, method, path }: Asked): Answered {
  const plain = (body: string) => ({ status: 200, type: 'text/plain', body });
  if (method === 'PUT') return plain('session');
  if (path.endsWith('/availability-zone/')) return plain('us-west-2a');
  if (path.endsWith('/security-credentials/')) return plain('node');
  return json(metadata(`ASIA${hashOf(world, 'instance', path)}`));
}

function metadata(AccessKeyId: string): object {
  return {
    Code: 'Success',
    AccessKeyId,
    SecretAccessKey: secretOf(AccessKeyId),
    Token: `token/${AccessKeyId}`,
    Expiration: end(''),
  };
}

/** An hour; the sessions of a role that is called `brief` end in ten minutes. */
function end(role: string): string {
  const minutes = role === 'brief' ? 10 : 60;
  return `${new Date(Date.now() + minutes * 60_000).toISOString().slice(0, 19)}Z`;
}

function json(body: object): Answered {
  return { status: 200, type: 'application/json', body: JSON.stringify(body) };
}
