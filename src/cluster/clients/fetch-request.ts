import { isDeepStrictEqual } from 'node:util';
import { originOf, pathAndQuery } from '../../aws/http/read-url.ts';
import { EKSAuthError } from '../../errors.ts';
import { checkArgument, checkOptions } from '../../options/check-options.ts';
import { type Check, checkedLater, type Schema, SIGNAL, TEXT, that } from '../../options/checks.ts';
import { sentence } from '../../text/sentence.ts';
import { isCredential } from '../transport/passage.ts';

/** Options of {@link Cluster.fetch}: those of the global `fetch` that a request to an API server needs. */
export interface ClusterFetchOptions {
  /** Default: `GET`. */
  readonly method?: string | undefined;
  /**
   * Default: none. Without `Authorization`, `Host`, `Cookie`, `Impersonate-*` and those of the connection
   * (`Transfer-Encoding`, `Upgrade`, …), which the cluster decides. `Content-Length` is that of the body.
   */
  readonly headers?: RequestInit['headers'] | undefined;
  /** A text, bytes, a Blob, URLSearchParams, FormData or a stream, which is sent once and never again. Default: none. */
  readonly body?: RequestInit['body'] | undefined;
  /** Ends the request, and the body of its answer. Default: the limits of the cluster end them. */
  readonly signal?: AbortSignal | undefined;
}

const OPTIONS: Schema<ClusterFetchOptions> = {
  method: TEXT,
  headers: checkedLater('headers, as the global fetch takes them'),
  body: checkedLater('a body, as the global fetch takes it'),
  signal: SIGNAL,
};

const A_PATH = "a path that begins with one slash, such as '/api/v1/namespaces?limit=10'";
const PATH: Check = that(A_PATH, (value) => typeof value === 'string');

/** What a path does not have, so that it leads nowhere but below the server of the cluster, and what to pass in its place. */
const REFUSED_IN_PATHS: readonly (readonly [what: string, found: RegExp, remedy: string])[] = [
  ['a backslash', /\\/, 'Pass slashes.'],
  ['a #', /#/, 'Leave out the # and what follows it: servers do not get it. In a name write %23.'],
  [
    'a blank, a control character or a character that is not ASCII',
    /[^!-~]/,
    'Pass each name and each value of the query through encodeURIComponent.',
  ],
  ["a part '.' or '..'", /^[^?]*\/(\.|%2e){1,2}(\/|\?|$)/i, 'Pass the path that it leads to.'],
  ['a beginning other than one slash', /^(?!\/(?!\/))/, `Pass ${A_PATH}.`],
];

/** Headers that decide where a request begins, ends and leads to. */
const FRAMING: ReadonlySet<string> = new Set(
  'host connection keep-alive proxy-connection proxy-authorization te trailer transfer-encoding upgrade expect'.split(
    ' ',
  ),
);

/** A request that can be sent, again too unless its body is a stream. */
export interface FetchRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Headers;
  readonly body: Uint8Array | ReadableStream<Uint8Array> | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * Checks the arguments of {@link Cluster.fetch}.
 * @param server of the cluster
 * @throws EKSAuthError INVALID_CONFIG
 */
export async function readFetchRequest(
  path: string,
  options: ClusterFetchOptions,
  server: string,
): Promise<FetchRequest> {
  refuseURL(path, server);
  refuseRelative(path);
  checkArgument('cluster.fetch', 'path', path, PATH);
  refuseParts(path);
  checkOptions('cluster.fetch', options, OPTIONS);
  const { method = 'GET', body, signal } = options;
  let request: Request;
  try {
    // The global class knows which methods, headers and bodies are valid, and the Content-Type of a body.
    request = new Request('http://localhost', {
      method: method.toUpperCase(),
      ...(options.headers !== undefined && { headers: options.headers }),
      ...(body !== undefined && { body, duplex: 'half' }),
    });
  } catch (error) {
    const message = `The options of cluster.fetch are not those of a request: ${(error as Error).message}`;
    throw new EKSAuthError('INVALID_CONFIG', message, {
      cause: error,
      remedy: 'Pass { method, headers, body, signal }.',
    });
  }
  const { headers } = request;
  // The length is that of the body, whatever the caller says: with another one, a part of the body is the next request on
  // the connection.
  headers.delete('content-length');
  const refused = [...headers.keys()].find((name) => FRAMING.has(name) || isCredential(name));
  if (refused !== undefined) {
    throw new EKSAuthError('INVALID_CONFIG', `cluster.fetch sends its own ${refused} header.`, {
      remedy:
        'Leave it out: the cluster decides who asks, and where. Register it with another context for another user.',
    });
  }
  const stream = body instanceof ReadableStream || Symbol.asyncIterator in Object(body);
  const bytes = async (): Promise<Uint8Array> => new Uint8Array(await request.arrayBuffer());
  const sent = stream ? (request.body ?? undefined) : body === undefined || body === null ? undefined : await bytes();
  return { method: request.method, path, headers, body: sent, signal };
}

/** The path is not shown: its query may be secret. */
function refuseParts(path: string): void {
  const [what, , remedy] = REFUSED_IN_PATHS.find(([, found]) => found.test(path)) ?? [];
  if (remedy === undefined) return;
  throw new EKSAuthError('INVALID_CONFIG', `The path of cluster.fetch has ${what}.`, { remedy });
}

/** A path without its slash. The query may be secret, and is not shown. */
function refuseRelative(given: unknown): void {
  const [path = ''] = typeof given === 'string' ? given.split('?', 1) : [];
  if (!/^\w[\w./-]*$/.test(path)) return;
  const message = sentence`The path ${path} of cluster.fetch does not begin with a slash.`;
  throw new EKSAuthError('INVALID_CONFIG', message, { remedy: sentence`Pass ${`/${path}`}.` });
}

/** A URL of the cluster itself has a path that can be written instead. The query may be secret, and is not shown. */
function refuseURL(given: unknown, server: string): void {
  const text = given instanceof URL ? given.href : given;
  if (typeof text !== 'string' || !/^(?:[a-z][a-z\d+.-]*:)?\/\//i.test(text)) return;
  const [url, own] = [originOf(text), originOf(server)];
  const base = pathAndQuery(server).path.replace(/\/+$/, '');
  const { path } = pathAndQuery(text);
  if (url && own && isDeepStrictEqual(url, own) && `${path}/`.startsWith(`${base}/`)) {
    const below = { path: path.slice(base.length) || '/' };
    throw new EKSAuthError('INVALID_CONFIG', 'cluster.fetch takes a path of the cluster, not a URL.', {
      remedy: sentence`Leave the server out: cluster.fetch(${below.path}), with the query, if there is one.`,
    });
  }
  const message = sentence`cluster.fetch sends requests to the server of the cluster (${server}) and to no other; it was given a URL of another server.`;
  throw new EKSAuthError('INVALID_CONFIG', message, {
    remedy: 'Pass a path such as /version. For another server call the global fetch: it sends no token of the cluster.',
  });
}
