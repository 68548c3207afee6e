import { parsePresignedURL } from '../../src/testing/verify/presigned-url.ts';
import {
  EMPTY_PAYLOAD_HASH,
  expectedSignature,
  parseCredentialScope,
  type SignedRequest,
} from '../../src/testing/verify/sigv4.ts';
import { secretOf } from './hashing-aws.ts';
import { ORIGINAL_HOST } from './world-programs.ts';

/** What one door says to one question. */
export type Answer = TokenAnswer | FailedAnswer | Miss;

export interface TokenAnswer {
  readonly kind: 'token';
  /** Compared with another answer's, never printed. */
  readonly token: string;
  readonly cluster: string;
  /** Scheme, host and path of the signed URL. */
  readonly host: string;
  /** Region and service. */
  readonly scope: string;
  /** The access key id. */
  readonly principal: string;
  /** Unix time that clients are told. */
  readonly expiresAt: number;
}

export interface FailedAnswer {
  readonly kind: 'failure';
  /** An EKSAuthError's code. */
  readonly code: string;
}

/** The script has left the question to Node. */
export interface Miss {
  readonly kind: 'miss';
}

/** Every name that a cluster of a world may have. */
export const CLUSTERS: readonly string[] = ['dev', 'prod', 'named-in-a', 'named-in-b'];

/** @throws Error for what is no token */
export function readAnswer(token: string, expiresAt: Date): TokenAnswer {
  const text = Buffer.from(token.replace(/^k8s-aws-v1\./, ''), 'base64url').toString('latin1');
  const url = parsePresignedURL(text);
  const value = (name: string) => url?.query.find(([key]) => key === name)?.[1] ?? '';
  const scope = parseCredentialScope(value('X-Amz-Credential'));
  if (url === undefined || scope === undefined) throw new Error('a door has answered with what is no token');
  const signedHeaders = value('X-Amz-SignedHeaders').split(';');
  const signedFor = (cluster: string) => {
    const headers = { host: url.host, 'x-k8s-aws-id': cluster };
    const query = url.query.filter(([name]) => name !== 'X-Amz-Signature');
    const request: SignedRequest = {
      ...{ method: 'GET', path: url.path || '/', query, headers, signedHeaders, payloadHash: EMPTY_PAYLOAD_HASH },
    };
    return expectedSignature(request, scope, value('X-Amz-Date'), secretOf(scope.accessKeyId));
  };
  // The header is signed and not sent: the signature says which name it held.
  const cluster = CLUSTERS.find((name) => signedFor(name) === value('X-Amz-Signature')) ?? 'unknown';
  const { accessKeyId, region, service } = scope;
  return {
    kind: 'token',
    token,
    cluster,
    host: `${url.scheme}://${url.host}${url.path}`,
    scope: `${region}/${service}`,
    principal: accessKeyId,
    expiresAt: expiresAt.getTime() / 1000,
  };
}

/** Failures of the moment: they say nothing about what the world is like. */
const PASSING = new Set(['NETWORK', 'TIMEOUT']);

/** What a reader of the cache says otherwise than the mint without it; undefined where the cache is not seen. */
export function difference(cached: Answer, fresh: Answer): string | undefined {
  if (cached.kind === 'miss') return undefined;
  if (cached.kind === 'failure') {
    const passing = PASSING.has(cached.code);
    return fresh.kind === 'token' && !passing ? `${cached.code} where there is a token` : undefined;
  }
  if (fresh.kind === 'failure') {
    return PASSING.has(fresh.code) ? undefined : `a token where there is none (${fresh.code})`;
  }
  if (fresh.kind === 'miss') return undefined;
  const fields = ['cluster', 'host', 'scope', 'principal'] as const;
  const others = fields.filter((field) => cached[field] !== fresh[field]);
  if (others.length > 0) return `another ${others.join(', ')}`;
  return cached.expiresAt > fresh.expiresAt + 1 ? 'a later end' : undefined;
}

/** The plugin hands over what the CLI would refuse, to a stand-in that refuses nothing. */
export function isHandedOver(answer: Answer, fresh: Answer): boolean {
  if (answer.kind !== 'token' || fresh.kind !== 'failure') return false;
  return fresh.code === 'INVALID_CONFIG' && answer.host === `https://${ORIGINAL_HOST}/`;
}

/** An answer without its token. */
export function shownAnswer(answer: Answer): string {
  if (answer.kind === 'miss') return 'left to Node';
  if (answer.kind === 'failure') return answer.code;
  const { cluster, principal, host, scope, expiresAt } = answer;
  return `${cluster} as ${principal} at ${host} (${scope}) until ${new Date(expiresAt * 1000).toISOString()}`;
}
