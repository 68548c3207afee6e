import { createHash, createHmac } from 'node:crypto';
import { compactSeconds } from '../../text/iso-seconds.ts';
import type { STSEndpoint } from '../endpoint/sts-endpoint.ts';
import { collapseSpace } from '../ini/python-text.ts';
import { type SigningKey, SigningKeyring, type SigningKeys } from './signing-keyring.ts';

const TOKEN_PREFIX = 'k8s-aws-v1.';
/** `X-Amz-Expires`, seconds. EKS takes the URL for fifteen minutes whatever it says; this is what the AWS CLI says. */
const URL_LIFETIME_SECONDS = 60;
const EMPTY_PAYLOAD_SHA256 = createHash('sha256').update('').digest('hex');

/**
 * The order of the last parameters of the URL. It makes no difference to the server, but the AWS CLI has an order of
 * its own.
 */
export type ParameterOrder = 'aws-cli' | 'sorted';

/**
 * The bearer token of EKS: a GetCallerIdentity request, signed in its URL and bound to one cluster by a header. It
 * equals the token of the AWS CLI byte for byte.
 * @param cluster - goes into the signed header, white space collapsed
 * @param signedAt - whole seconds count
 * @param keyring - keeps the day's part of the work for the next token
 */
export function presignedToken(
  cluster: string,
  endpoint: STSEndpoint,
  keys: SigningKeys,
  signedAt: Date,
  order: ParameterOrder = 'aws-cli',
  keyring: SigningKeyring = new SigningKeyring(),
): string {
  const url = presignedURL(cluster, endpoint, signedAt, order, (day) =>
    keyring.keyFor(keys, day, endpoint.scopeRegion),
  );
  return TOKEN_PREFIX + Buffer.from(url).toString('base64url');
}

function presignedURL(
  cluster: string,
  endpoint: STSEndpoint,
  signedAt: Date,
  order: ParameterOrder,
  keyOf: (day: string) => SigningKey,
): string {
  const { host, path, base } = split(endpoint.url);
  const time = compactSeconds(signedAt);
  const day = time.slice(0, 8);
  const scope = `${day}/${endpoint.scopeRegion}/sts/aws4_request`;
  const signer = keyOf(day);
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
    // The canonical request has the alphabetic order, with the token before the signed headers. The URL has the token
    // after them.
    [...start, ...token, signedHeaders].join('&'),
    `host:${host}`,
    `x-k8s-aws-id:${collapseSpace(cluster)}`,
    '',
    'host;x-k8s-aws-id',
    EMPTY_PAYLOAD_SHA256,
  ].join('\n');
  const digest = createHash('sha256').update(canonicalRequest).digest('hex');
  const signature = createHmac('sha256', signer.key)
    .update(`AWS4-HMAC-SHA256\n${time}\n${scope}\n${digest}`)
    .digest('hex');
  const end = order === 'sorted' ? [...token, signedHeaders] : [signedHeaders, ...token];
  return `${base}?${[...start, ...end, `X-Amz-Signature=${signature}`].join('&')}`;
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
