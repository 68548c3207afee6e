import type { Environment } from '../../host.ts';
import { Recorder } from '../../recording/recorder.ts';
import { nodeTransport } from '../http/node-transport.ts';
import { requireURL } from '../http/read-url.ts';
import type { HTTPTransport } from '../http/transport.ts';

/** The identity of a token, as AWS names it. */
export interface CallerIdentity {
  readonly arn: string;
  readonly account: string;
}

/** The answer of STS, with what else it tells about this machine. */
export interface CallerAnswer {
  /** Absent where STS refused. */
  readonly identity?: CallerIdentity;
  /** How STS names a refusal. */
  readonly refusal?: string;
  /** How many seconds the clock of this machine is ahead of the clock of AWS. */
  readonly clockAheadSeconds?: number;
  /** Host of the endpoint that was asked. */
  readonly host: string;
}

export interface CallerRequest {
  /** An EKS token: it is the signed form of this request. */
  readonly token: string;
  readonly cluster: string;
  readonly env: Environment;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  /** Default: node:https, with the proxies of `env`. */
  readonly transport?: HTTPTransport;
}

const PREFIX = 'k8s-aws-v1.';

/**
 * Sends the request that a token consists of, as an EKS API server does, and reads the identity in the answer.
 * @throws TransportError where no answer came
 */
export async function askCallerIdentity(request: CallerRequest): Promise<CallerAnswer> {
  const { token, cluster, env, now, signal, transport = nodeTransport(new Recorder(env)) } = request;
  const url = Buffer.from(token.slice(PREFIX.length), 'base64url').toString('utf8');
  const { host } = requireURL(url, 'The endpoint of STS');
  const response = await transport({
    method: 'GET',
    url,
    // The host header is signed. Behind a proxy Node would send another one.
    headers: { host, 'x-k8s-aws-id': cluster, accept: 'application/json' },
    proxied: true,
    caBundle: env.AWS_CA_BUNDLE || undefined,
    connectTimeoutMs: 0,
    readTimeoutMs: 0,
    signal,
  });
  const theirs = Date.parse(response.headers.date ?? '');
  const clockAheadSeconds = Number.isNaN(theirs) ? undefined : Math.round((now().getTime() - theirs) / 1000);
  const said = { host, ...(clockAheadSeconds !== undefined && { clockAheadSeconds }) };
  const arn = valueIn(response.body, 'Arn');
  if (response.status === 200 && arn !== undefined) {
    return { ...said, identity: { arn, account: valueIn(response.body, 'Account') ?? arn.split(':')[4] ?? '' } };
  }
  return { ...said, refusal: valueIn(response.body, 'Code') ?? `status ${response.status}` };
}

/** STS answers in JSON or XML, whatever it was asked for. */
function valueIn(body: string, name: string): string | undefined {
  const found = new RegExp(`"${name}"\\s*:\\s*"([^"]*)"|<${name}>([^<]*)</${name}>`).exec(body);
  return found?.[1] ?? found?.[2];
}
