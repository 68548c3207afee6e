import { EKSAuthError } from '../../errors.ts';
import { MAX_TOKEN_LENGTH } from '../command/exec-credential.ts';
import { partitionOf } from '../endpoint/partitions.ts';
import { hostName, withoutFIPS } from '../endpoint/service-endpoint.ts';
import type { STSEndpoint } from '../endpoint/sts-endpoint.ts';
import { requireURL } from '../http/read-url.ts';

/**
 * What makes a token this long is the session token in it.
 * @throws EKSAuthError INVALID_CONFIG where EKS would refuse the token for its length
 */
export function refuseTooLong(token: string, cluster: string, accessKeyId: string): void {
  if (token.length <= MAX_TOKEN_LENGTH) return;
  throw new EKSAuthError(
    'INVALID_CONFIG',
    `The token for cluster ${JSON.stringify(cluster)} would be ${token.length} bytes long, and EKS reads ${MAX_TOKEN_LENGTH}: the session token that belongs to ${accessKeyId} is too long.`,
    {
      remedy:
        'Get credentials with a shorter session token: assume the role with fewer session tags and a shorter session policy.',
    },
  );
}

/** One endpoint signs many tokens. */
const judged = new WeakMap<STSEndpoint, string | undefined>();

/**
 * What the authenticator of an EKS cluster will object to in the address, before it says a mere 401; `undefined`: nothing.
 * A token for an endpoint of one's own may still be right for another server.
 */
export function objectionOfServer(endpoint: STSEndpoint): string | undefined {
  if (!judged.has(endpoint)) judged.set(endpoint, objectionToEndpoint(endpoint));
  return judged.get(endpoint);
}

function objectionToEndpoint({ url, scopeRegion }: STSEndpoint): string | undefined {
  const { protocol, pathname } = requireURL(url, 'The endpoint of STS');
  if (protocol !== 'https:') return 'EKS takes only https addresses of STS';
  if (pathname !== '/') return 'EKS takes only addresses of STS without a path';
  // As it is written: a port counts, and so do capitals.
  const host = /^https:\/\/([^/?#]*)/i.exec(url)?.[1] ?? '';
  return isHostOfSTS(host, scopeRegion) ? undefined : `EKS does not know ${host} as an address of STS`;
}

/** Partitions for which the authenticator knows no dual-stack names. */
const WITHOUT_DUALSTACK = new Set(['aws-iso', 'aws-iso-b', 'aws-iso-e', 'aws-iso-f']);

function isHostOfSTS(host: string, region: string): boolean {
  if (host === 'sts.amazonaws.com') return true;
  const dualstacks = WITHOUT_DUALSTACK.has(partitionOf(region).id) ? [false] : [false, true];
  const variants = [false, true].flatMap((fips) => dualstacks.map((dualstack) => ({ fips, dualstack })));
  return variants.some((variant) => hostName('sts', withoutFIPS(region), { ...variant, legacyGlobal: false }) === host);
}
