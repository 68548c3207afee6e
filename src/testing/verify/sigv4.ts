import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** The parts of a received request that AWS Signature Version 4 signs. */
export interface SignedRequest {
  readonly method: string;
  /** As sent, still percent-encoded. */
  readonly path: string;
  /** Decoded, without the signature itself. */
  readonly query: readonly (readonly [name: string, value: string])[];
  /** Names in lower case; only those in {@link SignedRequest.signedHeaders} count. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** In the order in which the signer names them. */
  readonly signedHeaders: readonly string[];
  /** Lower-case hex SHA-256 of the body. */
  readonly payloadHash: string;
}

/** The credential scope of a signature, from `X-Amz-Credential` or the `Credential=` of the header. */
export interface CredentialScope {
  readonly accessKeyId: string;
  /** `yyyymmdd` */
  readonly day: string;
  readonly region: string;
  readonly service: string;
}

/** The SHA-256 of an empty payload, as in every GET. */
export const EMPTY_PAYLOAD_HASH: string = sha256('');

/** Lower-case hex SHA-256. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** Percent-encodes all but the unreserved characters of RFC 3986, as SigV4 requires. */
export function percentEncode(value: string): string {
  return encodeURIComponent(value).replace(/[!'()*]/g, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  });
}

/** `ACCESS-KEY/yyyymmdd/region/service/aws4_request`, or undefined if it is anything else. */
export function parseCredentialScope(text: string): CredentialScope | undefined {
  // The access key id is everything before the last four parts, because a user's file may contain any string.
  const match = /^(.+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request$/s.exec(text);
  if (match === null) return undefined;
  const [, accessKeyId = '', day = '', region = '', service = ''] = match;
  return { accessKeyId, day, region, service };
}

/** Parses `yyyymmddThhmmssZ`. Undefined for a time that does not exist (month 13, hour 24). */
export function parseAmzDate(text: string): Date | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  return formatAmzDate(date) === text ? date : undefined;
}

/** Formats a time as `yyyymmddThhmmssZ`, in whole seconds. */
export function formatAmzDate(date: Date): string {
  return `${date.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
}

/** The signature that the holder of `secretAccessKey` would have put on this request, lower-case hex. */
export function expectedSignature(
  request: SignedRequest,
  scope: CredentialScope,
  amzDate: string,
  secretAccessKey: string,
): string {
  const scopeText = `${scope.day}/${scope.region}/${scope.service}/aws4_request`;
  const stringToSign = ['AWS4-HMAC-SHA256', amzDate, scopeText, sha256(canonicalRequest(request))].join('\n');
  const steps = [scope.day, scope.region, scope.service, 'aws4_request', stringToSign];
  const start: Buffer = Buffer.from(`AWS4${secretAccessKey}`);
  return steps.reduce((key, step) => createHmac('sha256', key).update(step).digest(), start).toString('hex');
}

/** Compares two signatures in constant time. */
export function sameSignature(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function canonicalRequest(request: SignedRequest): string {
  const query = request.query
    .map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`)
    .sort()
    .join('&');
  const headers = [...request.signedHeaders].sort().map((name) => `${name}:${trimAll(request.headers[name] ?? '')}\n`);
  const signed = request.signedHeaders.join(';');
  return [request.method, request.path, query, headers.join(''), signed, request.payloadHash].join('\n');
}

/** Trims a header value and replaces each run of white space by one space. */
function trimAll(value: string): string {
  return value.trim().replace(/\s+/g, ' ');
}
