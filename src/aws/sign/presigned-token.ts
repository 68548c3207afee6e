import { createHash, createHmac } from 'node:crypto';
import type { STSEndpoint } from '../endpoint/sts-endpoint.ts';
import { collapseSpace } from '../ini/python-text.ts';

/** The keys that sign; `sessionToken` empty or absent for long-lived keys. */
export interface SigningKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

const TOKEN_PREFIX = 'k8s-aws-v1.';
/** `X-Amz-Expires`, seconds. EKS takes the URL for fifteen minutes whatever it says; this is what the AWS CLI says. */
const URL_LIFETIME_SECONDS = 60;
const EMPTY_PAYLOAD_SHA256 = createHash('sha256').update('').digest('hex');

/** The order of the last parameters of the URL: it says nothing to the server, but the AWS CLI has one of its own. */
export type ParameterOrder = 'aws-cli' | 'sorted';

/**
 * The bearer token of EKS: a GetCallerIdentity request, signed in its URL and bound to one cluster by a header, in the
 * very bytes of the AWS CLI.
 * @param cluster - goes into the signed header, white space collapsed
 * @param signedAt - whole seconds count
 */
export function presignedToken(
  cluster: string,
  endpoint: STSEndpoint,
  keys: SigningKeys,
  signedAt: Date,
  order: ParameterOrder = 'aws-cli',
): string {
  return TOKEN_PREFIX + Buffer.from(presignedURL(cluster, endpoint, keys, signedAt, order)).toString('base64url');
}

function presignedURL(
  cluster: string,
  endpoint: STSEndpoint,
  keys: SigningKeys,
  signedAt: Date,
  order: ParameterOrder,
): string {
  const { host, path, base } = split(endpoint.url);
  const time = `${signedAt.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
  const day = time.slice(0, 8);
  const scope = `${day}/${endpoint.scopeRegion}/sts/aws4_request`;
  const signer = signerFor(keys, day, endpoint.scopeRegion);
  const start = [
    'Action=GetCallerIdentity',
    'Version=2011-06-15',
    'X-Amz-Algorithm=AWS4-HMAC-SHA256',
    `X-Amz-Credential=${signer.credential}`,
    `X-Amz-Date=${time}`,
    `X-Amz-Expires=${URL_LIFETIME_SECONDS}`,
  ];
  const signedHeaders = 'X-Amz-SignedHeaders=host%3Bx-k8s-aws-id';
  const token = signer.securityToken === undefined ? [] : [`X-Amz-Security-Token=${signer.securityToken}`];
  const canonicalRequest = [
    'GET',
    path,
    // Canonical is the alphabetic order, in which the token comes before the signed headers; the URL has it after them.
    [...start, ...token, signedHeaders].join('&'),
    `host:${host}`,
    `x-k8s-aws-id:${collapseSpace(cluster)}`,
    '',
    'host;x-k8s-aws-id',
    EMPTY_PAYLOAD_SHA256,
  ].join('\n');
  const digest = createHash('sha256').update(canonicalRequest).digest('hex');
  const signature = hmac(signer.key, `AWS4-HMAC-SHA256\n${time}\n${scope}\n${digest}`).digest('hex');
  const end = order === 'sorted' ? [...token, signedHeaders] : [signedHeaders, ...token];
  return `${base}?${[...start, ...end, `X-Amz-Signature=${signature}`].join('&')}`;
}

/** What all signatures of one day have in common. */
interface Signer {
  readonly keys: SigningKeys;
  readonly day: string;
  readonly region: string;
  /** As they stand in a URL. */
  readonly credential: string;
  readonly securityToken: string | undefined;
  readonly key: Buffer;
}

/** Of the last identities: most of the work of a signature is the same all day. */
const signers: Signer[] = [];
const KEPT_SIGNERS = 8;

function signerFor(keys: SigningKeys, day: string, region: string): Signer {
  const known = signers.find((one) => one.day === day && one.region === region && isSame(one.keys, keys));
  if (known) return known;
  const signer = makeSigner(keys, day, region);
  signers.unshift(signer);
  signers.length = Math.min(signers.length, KEPT_SIGNERS);
  return signer;
}

function isSame(one: SigningKeys, other: SigningKeys): boolean {
  return (
    one.accessKeyId === other.accessKeyId &&
    one.secretAccessKey === other.secretAccessKey &&
    one.sessionToken === other.sessionToken
  );
}

function makeSigner({ accessKeyId, secretAccessKey, sessionToken }: SigningKeys, day: string, region: string): Signer {
  const scope = [day, region, 'sts', 'aws4_request'];
  return {
    keys: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
    day,
    region,
    credential: encode([accessKeyId, ...scope].join('/')),
    securityToken: sessionToken === undefined ? undefined : encode(sessionToken),
    key: scope.reduce((key, part) => hmac(key, part).digest(), Buffer.from(`AWS4${secretAccessKey}`)),
  };
}

function hmac(key: string | Buffer, text: string) {
  return createHmac('sha256', key).update(text);
}

/** RFC 3986: everything but letters, digits and `-._~`. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

interface URLParts {
  /** As signed: lower case, with the port unless it is the scheme's own. */
  readonly host: string;
  readonly path: string;
  /** As written, with a path. */
  readonly base: string;
}

function split(url: string): URLParts {
  const [, scheme = '', authority = '', path = ''] = /^(https?):\/\/([^/]*)(.*)$/i.exec(url) ?? [];
  const ownPort = scheme.toLowerCase() === 'https' ? /:443$/ : /:80$/;
  return {
    host: authority.toLowerCase().replace(ownPort, ''),
    path: path || '/',
    base: `${scheme}://${authority}${path || '/'}`,
  };
}
