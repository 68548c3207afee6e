import { checkOptions } from '../../options/check-options.ts';
import { type Schema, TEXT, TIME, that } from '../../options/checks.ts';
import type { IdentityLookup, LocalIdentity } from '../identities.ts';
import { decodeBase64URL, type PresignedURL, parsePresignedURL } from './presigned-url.ts';
import {
  EMPTY_PAYLOAD_HASH,
  expectedSignature,
  parseAmzDate,
  parseCredentialScope,
  type SignedRequest,
  sameSignature,
} from './sigv4.ts';
import { stsSigningRegion } from './sts-hosts.ts';

/**
 * The rule that a refused token breaks.
 *
 * | reason | rule |
 * | --- | --- |
 * | `TOO_LONG` | the token has at most 4096 bytes |
 * | `PREFIX` | it starts with `k8s-aws-v1.` |
 * | `BASE64` | the rest is canonical base64url without padding |
 * | `URL` | the decoded text is a URL with a canonically percent-encoded query |
 * | `SCHEME` | the scheme is `https` |
 * | `HOST` | the host is an STS endpoint of the cluster's partition |
 * | `PATH` | the path is `/` |
 * | `PARAMETER` | the query has exactly the parameters of a presigned GetCallerIdentity |
 * | `DUPLICATE_PARAMETER` | no parameter occurs twice, in any spelling of upper and lower case |
 * | `ACTION` | the action is GetCallerIdentity, version 2011-06-15 |
 * | `SIGNED_HEADERS` | the signed headers are `host` and `x-k8s-aws-id` |
 * | `EXPIRES` | `X-Amz-Expires` is between 0 and 900 |
 * | `DATE` | `X-Amz-Date` is a valid date |
 * | `EXPIRED` | `X-Amz-Date` is at most 15 minutes in the past |
 * | `NOT_YET_VALID` | `X-Amz-Date` is at most 5 minutes in the future |
 * | `CREDENTIAL_SCOPE` | the credential scope has that day, the host's region and `sts` |
 * | `UNKNOWN_ACCESS_KEY` | the access key exists and is not revoked |
 * | `SESSION_TOKEN` | the session token belongs to the access key |
 * | `CREDENTIALS_EXPIRED` | the credentials have not expired |
 * | `SIGNATURE` | the signature is correct for the secret key and this cluster's name |
 */
export type TokenRefusal =
  | 'TOO_LONG'
  | 'PREFIX'
  | 'BASE64'
  | 'URL'
  | 'SCHEME'
  | 'HOST'
  | 'PATH'
  | 'PARAMETER'
  | 'DUPLICATE_PARAMETER'
  | 'ACTION'
  | 'SIGNED_HEADERS'
  | 'EXPIRES'
  | 'DATE'
  | 'EXPIRED'
  | 'NOT_YET_VALID'
  | 'CREDENTIAL_SCOPE'
  | 'UNKNOWN_ACCESS_KEY'
  | 'SESSION_TOKEN'
  | 'CREDENTIALS_EXPIRED'
  | 'SIGNATURE';

/** Options of {@link verifyToken}. */
export interface VerifyTokenOptions {
  /** The name that the token must have been signed for (`x-k8s-aws-id`). */
  readonly clusterName: string;
  /** The cluster's region. Decides the partition and thus the accepted STS hosts. Default: `us-east-1`. */
  readonly region?: string | undefined;
  /** The possible signers by access key id, for example a `Map`. */
  readonly identities: IdentityLookup;
  /** The current time. Default: the system clock. */
  readonly now?: Date | undefined;
}

const VERIFY_SCHEMA: Schema<VerifyTokenOptions> = {
  clusterName: TEXT,
  region: TEXT,
  identities: that('an object with a method get, such as a Map', (value) => typeof Object(value).get === 'function'),
  now: TIME,
};

/** A token that a cluster accepts. */
export interface AcceptedToken {
  /** Distinguishes it from {@link RefusedToken}. */
  readonly accepted: true;
  /** The signer. */
  readonly identity: LocalIdentity;
  /** `X-Amz-Date`. */
  readonly signedAt: Date;
}

/** A token that a cluster answers with 401. */
export interface RefusedToken {
  /** Distinguishes it from {@link AcceptedToken}. */
  readonly accepted: false;
  /** The first rule that the token breaks. */
  readonly reason: TokenRefusal;
  /** The access key id in the token, if it could be parsed. */
  readonly accessKeyId?: string;
}

/** The result of {@link verifyToken}. */
export type TokenVerdict = AcceptedToken | RefusedToken;

/** Limits of aws-iam-authenticator's pkg/token/token.go. */
const MAX_TOKEN_BYTES = 4096;
const MAX_EXPIRES_SECONDS = 900;
const TOKEN_LIFE_MS = 15 * 60_000;
/** STS refuses a signature further in the future as "not yet current". */
const MAX_AHEAD_MS = 5 * 60_000;

const PREFIX = 'k8s-aws-v1.';
const CLUSTER_HEADER = 'x-k8s-aws-id';
const REQUIRED = ['action', 'version', 'x-amz-algorithm', 'x-amz-credential', 'x-amz-date', 'x-amz-expires'];
const ALLOWED = new Set([...REQUIRED, 'x-amz-security-token', 'x-amz-signature', 'x-amz-signedheaders']);

/** Thrown and caught in this file only, with the first rule that a token breaks. */
class Refused extends Error {
  readonly reason: TokenRefusal;
  readonly accessKeyId: string | undefined;
  constructor(reason: TokenRefusal, accessKeyId?: string) {
    super(reason);
    this.reason = reason;
    this.accessKeyId = accessKeyId;
  }
}

/**
 * Checks an EKS bearer token as a cluster does: the rules of aws-iam-authenticator, then those of STS, with a signature
 * recomputed from the known secret keys. Accepts only canonical encodings, so that every changed byte is detected.
 * Never throws for a token.
 * @throws EKSAuthError INVALID_CONFIG for options that mean nothing
 * @example
 * ```ts
 * import { getEKSToken } from 'ekspress';
 * import { startLocalEKS, verifyToken } from 'ekspress/testing';
 *
 * await using eks = await startLocalEKS({ clusterName: 'dev' });
 * const { admin } = eks.identities;
 * const { token } = await getEKSToken({ clusterName: 'dev', region: eks.region, credentials: admin });
 * const identities = new Map([[admin.accessKeyId, admin]]);
 * console.log(verifyToken(token, { clusterName: 'other', identities })); // { accepted: false, reason: 'SIGNATURE', … }
 * ```
 */
export function verifyToken(token: string, options: VerifyTokenOptions): TokenVerdict {
  checkOptions('verifyToken', options, VERIFY_SCHEMA);
  try {
    return verify(token, options);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const { reason, accessKeyId } = error;
    return accessKeyId === undefined ? { accepted: false, reason } : { accepted: false, reason, accessKeyId };
  }
}

function verify(token: string, options: VerifyTokenOptions): TokenVerdict {
  const { now = new Date() } = options;
  const url = decode(token);
  const signingRegion = checkEndpoint(url, options.region ?? 'us-east-1');
  const parameters = checkParameters(url);
  const signedHeaders = checkSignedHeaders(parameters.get('x-amz-signedheaders') ?? '');
  const amzDate = parameters.get('x-amz-date') ?? '';
  const signedAt = checkTimes(amzDate, parameters.get('x-amz-expires') ?? '', now);

  const scope = parseCredentialScope(parameters.get('x-amz-credential') ?? '');
  if (scope === undefined) throw new Refused('CREDENTIAL_SCOPE');
  const { accessKeyId } = scope;
  if (scope.service !== 'sts' || scope.region !== signingRegion || !amzDate.startsWith(scope.day)) {
    throw new Refused('CREDENTIAL_SCOPE', accessKeyId);
  }
  const identity = options.identities.get(accessKeyId);
  if (identity === undefined) throw new Refused('UNKNOWN_ACCESS_KEY', accessKeyId);
  if ((parameters.get('x-amz-security-token') ?? '') !== (identity.sessionToken ?? '')) {
    throw new Refused('SESSION_TOKEN', accessKeyId);
  }
  if (identity.expiresAt !== undefined && identity.expiresAt <= now) {
    throw new Refused('CREDENTIALS_EXPIRED', accessKeyId);
  }

  const request: SignedRequest = {
    method: 'GET',
    path: url.path,
    // Case-sensitive, because another spelling would be a further signed parameter.
    query: url.query.filter(([name]) => name !== 'X-Amz-Signature'),
    headers: { host: url.host.toLowerCase(), [CLUSTER_HEADER]: options.clusterName },
    signedHeaders,
    payloadHash: EMPTY_PAYLOAD_HASH,
  };
  const expected = expectedSignature(request, scope, amzDate, identity.secretAccessKey);
  if (!sameSignature(parameters.get('x-amz-signature') ?? '', expected)) throw new Refused('SIGNATURE', accessKeyId);
  return { accepted: true, identity, signedAt };
}

function decode(token: string): PresignedURL {
  if (Buffer.byteLength(token) > MAX_TOKEN_BYTES) throw new Refused('TOO_LONG');
  if (!token.startsWith(PREFIX)) throw new Refused('PREFIX');
  const text = decodeBase64URL(token.slice(PREFIX.length));
  if (text === undefined) throw new Refused('BASE64');
  const url = parsePresignedURL(text);
  if (url === undefined) throw new Refused('URL');
  return url;
}

/** Returns the region that the host belongs to. */
function checkEndpoint(url: PresignedURL, clusterRegion: string): string {
  if (url.scheme !== 'https') throw new Refused('SCHEME');
  const signingRegion = stsSigningRegion(url.host, clusterRegion);
  if (signingRegion === undefined) throw new Refused('HOST');
  if (url.path !== '/') throw new Refused('PATH');
  return signingRegion;
}

/** Returns the parameters by lower-case name. */
function checkParameters(url: PresignedURL): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const [name, value] of url.query) {
    const key = name.toLowerCase();
    if (!ALLOWED.has(key)) throw new Refused('PARAMETER');
    if (parameters.has(key)) throw new Refused('DUPLICATE_PARAMETER');
    parameters.set(key, value);
  }
  if (REQUIRED.some((name) => !parameters.has(name))) throw new Refused('PARAMETER');
  if (parameters.get('x-amz-algorithm') !== 'AWS4-HMAC-SHA256') throw new Refused('PARAMETER');
  if (parameters.get('action') !== 'GetCallerIdentity') throw new Refused('ACTION');
  if (parameters.get('version') !== '2011-06-15') throw new Refused('ACTION');
  return parameters;
}

function checkSignedHeaders(text: string): readonly string[] {
  const names = text.split(';');
  // The authenticator sends no further headers, so STS could not verify a signature with more.
  const known = names.every((name) => name === 'host' || name === CLUSTER_HEADER);
  if (!known || !names.includes('host') || !names.includes(CLUSTER_HEADER)) throw new Refused('SIGNED_HEADERS');
  if (names.join(';') !== [...names].sort().join(';')) throw new Refused('SIGNED_HEADERS');
  return names;
}

/** Returns the time of signing. */
function checkTimes(amzDate: string, expires: string, now: Date): Date {
  if (!/^\d{1,9}$/.test(expires) || Number(expires) > MAX_EXPIRES_SECONDS) throw new Refused('EXPIRES');
  const signedAt = parseAmzDate(amzDate);
  if (signedAt === undefined) throw new Refused('DATE');
  if (now.getTime() > signedAt.getTime() + TOKEN_LIFE_MS) throw new Refused('EXPIRED');
  if (now.getTime() < signedAt.getTime() - MAX_AHEAD_MS) throw new Refused('NOT_YET_VALID');
  return signedAt;
}
