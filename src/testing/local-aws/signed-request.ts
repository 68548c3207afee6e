import type { IdentityLookup, LocalIdentity } from '../identities.ts';
import {
  type CredentialScope,
  expectedSignature,
  parseAmzDate,
  parseCredentialScope,
  percentEncode,
  sameSignature,
  sha256,
} from '../verify/sigv4.ts';
import { stsSigningRegion } from '../verify/sts-hosts.ts';
import { AWSError, type AWSRequest } from './aws-request.ts';

/** The parts of a signature in the headers or the query of a request. */
interface Claim {
  readonly scope: CredentialScope;
  readonly amzDate: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly sessionToken: string;
  readonly payloadHash: string;
}

/** The lifetime of a signature. */
const LIFE_MS = 15 * 60_000;
/** The tolerated skew of a signature in the future. */
const MAX_AHEAD_MS = 5 * 60_000;

/**
 * Checks the signature of a signed or presigned request and returns the signer. Throws the error that AWS would send.
 */
export function verifySigner(request: AWSRequest, service: string, identities: IdentityLookup): LocalIdentity {
  const query = parseQuery(request.rawQuery);
  const claim = presignedClaim(query, request) ?? headerClaim(request);
  const { scope } = claim;
  request.note({ signedBy: scope.accessKeyId, signingRegion: scope.region });
  const identity = identities.get(scope.accessKeyId);
  if (identity === undefined || (identity.sessionToken ?? '') !== claim.sessionToken) {
    throw new AWSError(403, 'InvalidClientTokenId', 'The security token included in the request is invalid.');
  }
  if (identity.expiresAt !== undefined && identity.expiresAt <= request.now) {
    throw new AWSError(403, 'ExpiredToken', 'The security token included in the request is expired');
  }
  checkScope(claim, service, request.host);
  checkTime(claim.amzDate, request.now);
  const expected = expectedSignature(
    {
      method: request.method,
      // SigV4 encodes a path a second time for the signature, except for S3.
      path: request.path.split('/').map(percentEncode).join('/'),
      query: query.filter(([name]) => name !== 'X-Amz-Signature'),
      headers: headerValues(request),
      signedHeaders: claim.signedHeaders,
      payloadHash: claim.payloadHash,
    },
    scope,
    claim.amzDate,
    identity.secretAccessKey,
  );
  if (!sameSignature(claim.signature, expected))
    throw doesNotMatch('The request signature we calculated does not match the signature you provided.');
  return identity;
}

function headerClaim({ headers, body }: AWSRequest): Claim {
  const { authorization, 'x-amz-date': amzDate, 'x-amz-security-token': sessionToken } = headers;
  if (authorization === undefined)
    throw new AWSError(403, 'MissingAuthenticationToken', 'Request is missing Authentication Token');
  const [, credential = '', signed = '', signature = ''] =
    /^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(authorization) ??
    [];
  const scope = parseCredentialScope(credential);
  if (scope === undefined || typeof amzDate !== 'string') throw incomplete(authorization.split(' ')[0] ?? '');
  const signedHeaders = signed.split(';');
  // AWS requires signatures to include these headers.
  const needed = ['host', 'x-amz-date', ...(sessionToken === undefined ? [] : ['x-amz-security-token'])];
  if (!needed.every((name) => signedHeaders.includes(name))) throw incomplete('SignedHeaders');
  return {
    scope,
    amzDate,
    signedHeaders,
    signature,
    sessionToken: String(sessionToken ?? ''),
    payloadHash: sha256(body),
  };
}

function presignedClaim(query: readonly (readonly [string, string])[], { body }: AWSRequest): Claim | undefined {
  const parameters = new Map(query);
  const signature = parameters.get('X-Amz-Signature');
  if (signature === undefined) return undefined;
  const scope = parseCredentialScope(parameters.get('X-Amz-Credential') ?? '');
  const signedHeaders = (parameters.get('X-Amz-SignedHeaders') ?? '').split(';');
  if (scope === undefined || !signedHeaders.includes('host')) throw incomplete('query');
  return {
    scope,
    amzDate: parameters.get('X-Amz-Date') ?? '',
    signedHeaders,
    signature,
    sessionToken: parameters.get('X-Amz-Security-Token') ?? '',
    payloadHash: sha256(body),
  };
}

function checkScope({ scope, amzDate }: Claim, service: string, host: string): void {
  // A real endpoint accepts its own region only. The loopback endpoint accepts any region.
  const region = stsSigningRegion(host, scope.region) ?? scope.region;
  if (scope.service !== service) throw doesNotMatch(`Credential should be scoped to correct service: '${service}'.`);
  if (scope.region !== region)
    throw doesNotMatch(`Credential should be scoped to a valid region, not '${scope.region}'.`);
  if (!amzDate.startsWith(scope.day))
    throw doesNotMatch('Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP.');
}

function checkTime(amzDate: string, now: Date): void {
  const signedAt = parseAmzDate(amzDate);
  if (signedAt === undefined) throw incomplete('X-Amz-Date');
  if (now.getTime() > signedAt.getTime() + LIFE_MS)
    throw doesNotMatch(`Signature expired: ${amzDate} is now earlier than ${now.toISOString()} - 15 min.`);
  if (now.getTime() < signedAt.getTime() - MAX_AHEAD_MS)
    throw doesNotMatch(`Signature not yet current: ${amzDate} is still later than ${now.toISOString()} + 5 min.`);
}

function headerValues({ headers }: AWSRequest): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat().join(',')]));
}

function parseQuery(rawQuery: string): readonly (readonly [string, string])[] {
  if (rawQuery === '') return [];
  return rawQuery.split('&').map((pair) => {
    const [name = '', ...value] = pair.split('=');
    return [decodeURIComponent(name), decodeURIComponent(value.join('='))];
  });
}

function doesNotMatch(message: string): AWSError {
  return new AWSError(403, 'SignatureDoesNotMatch', message);
}

function incomplete(where: string): AWSError {
  return new AWSError(400, 'IncompleteSignature', `The request signature does not conform to AWS standards: ${where}`);
}
