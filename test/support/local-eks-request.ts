import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import type { LocalEKS } from '../../src/testing/index.ts';
import { signToken } from './sign-token.ts';

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes
  readonly body: any;
}

export interface RequestOptions {
  readonly as?: 'admin' | 'reader' | null;
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** To send several on one connection. */
  readonly agent?: https.Agent;
}

/** One request to a local cluster, on a connection of its own. */
export async function ask(eks: LocalEKS, method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
  const response = await open(eks, method, path, options);
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const type = response.headers['content-type'] ?? '';
  return { status: response.statusCode ?? 0, type, text, body: type.includes('json') ? JSON.parse(text) : undefined };
}

/** The same, up to the head of the answer: for streams. */
export async function open(
  eks: LocalEKS,
  method: string,
  path: string,
  options: RequestOptions = {},
): Promise<IncomingMessage> {
  const { as = 'admin', body, headers } = options;
  const token = options.token ?? (as === null ? undefined : signToken(eks.identities[as]));
  const bytes = Buffer.isBuffer(body)
    ? body
    : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body ?? ''));
  const request = https.request(`${eks.server}${path}`, {
    method,
    agent: options.agent ?? false,
    ca: eks.certificateAuthority,
    headers: {
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': String(bytes.length) }),
      ...headers,
    },
  });
  request.end(body === undefined ? undefined : bytes);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}

/** The events of a watch as they come. */
export async function* events(response: IncomingMessage): AsyncGenerator<{ type: string; object: Answer['body'] }> {
  let rest = '';
  for await (const chunk of response) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line) as { type: string; object: Answer['body'] };
  }
}

/** The next `count` events, as `TYPE name`. */
export async function next(
  stream: AsyncGenerator<{ type: string; object: Answer['body'] }>,
  count: number,
): Promise<string[]> {
  const seen: string[] = [];
  while (seen.length < count) {
    const { value, done } = await stream.next();
    if (done) return [...seen, 'END'];
    seen.push(`${value.type} ${value.object.metadata?.name ?? value.object.reason ?? ''}`.trim());
  }
  return seen;
}
