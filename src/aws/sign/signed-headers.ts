import { createHash, createHmac } from 'node:crypto';
import { compactSeconds } from '../../text/iso-seconds.ts';
import { requireURL } from '../http/read-url.ts';
import type { SigningKeys } from './signing-keyring.ts';

/** A GET request to AWS. */
export interface UnsignedGet {
  /** Each part of the path is encoded once; the query is in the order of the alphabet and encoded. */
  readonly url: string;
  readonly service: string;
  readonly region: string;
}

/** The headers of a request signed by AWS Signature Version 4; `signedAt` counts in whole seconds. */
export function signedHeaders(
  { url, service, region }: UnsignedGet,
  keys: SigningKeys,
  signedAt: Date,
): Readonly<Record<string, string>> {
  const { host, pathname, search } = requireURL(url, `The address of ${service}`);
  const time = compactSeconds(signedAt);
  const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
  const signed: Record<string, string> = {
    host,
    'x-amz-date': time,
    ...(keys.sessionToken && { 'x-amz-security-token': keys.sessionToken }),
  };
  const names = Object.keys(signed).sort().join(';');
  const canonicalRequest = [
    'GET',
    // Every service but S3 requires the path encoded a second time.
    pathname.split('/').map(encodeURIComponent).join('/'),
    search.slice(1),
    ...Object.keys(signed)
      .sort()
      .map((name) => `${name}:${signed[name]}`),
    '',
    names,
    hash(''),
  ].join('\n');
  const key = scope
    .split('/')
    .reduce<string | Buffer>(
      (secret, part) => createHmac('sha256', secret).update(part).digest(),
      `AWS4${keys.secretAccessKey}`,
    );
  const signature = createHmac('sha256', key)
    .update(['AWS4-HMAC-SHA256', time, scope, hash(canonicalRequest)].join('\n'))
    .digest('hex');
  return {
    ...signed,
    authorization: `AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
