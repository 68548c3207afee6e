import type { Environment } from '../../host.ts';
import { Recorder } from '../../recording/recorder.ts';
import { nodeTransport } from '../http/node-transport.ts';
import { requireURL } from '../http/read-url.ts';
import type { HTTPTransport } from '../http/transport.ts';

/** What AWS says about who a token stands for. */
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
  /** By how many seconds this machine's clock is ahead of AWS's. */
  readonly clockAheadSeconds?: number;
  /** Host of the endpoint that was asked. */
  readonly host: string;
}

export interface CallerRequest {
  /** An EKS token: it is this very request, signed. */
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
 * Sends the request that a token consists of, as an EKS API server does, and reads who answers to it.
 * @throws TransportError where no answer came
 */
export async function askCallerIdentity(request: CallerRequest): Promise<CallerAnswer> {
  const { token, cluster, env, now, signal, transport = nodeTransport(new Recorder(env)) } = request;
  const url = Buffer.from(token.slice(PREFIX.length), 'base64url').toString('utf8');
  const { host } = requireURL(url, 'The endpoint of STS');
  const response = await transport({
    method: 'GET',
    url,
    // Signed: behind a proxy Node would write another host.
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
