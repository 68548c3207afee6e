import { EKSAuthError } from '../../errors.ts';
import { MAX_TOKEN_LENGTH } from '../command/exec-credential.ts';
import { partitionOf } from '../endpoint/partitions.ts';
import { hostName, withoutFIPS } from '../endpoint/service-endpoint.ts';
import type { STSEndpoint } from '../endpoint/sts-endpoint.ts';
import { requireURL } from '../http/read-url.ts';

/**
 * Refuses a token that EKS would refuse for its length. The session token in it makes it too long.
 * @throws EKSAuthError INVALID_CONFIG
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

/** The results by endpoint, because many tokens are signed for one endpoint. */
const judged = new WeakMap<STSEndpoint, string | undefined>();

/**
 * What the authenticator of an EKS cluster will object to in the address; `undefined`: nothing. The authenticator
 * itself answers only 401. A token for a custom endpoint may still be right for another server.
 */
export function objectionOfServer(endpoint: STSEndpoint): string | undefined {
  if (!judged.has(endpoint)) judged.set(endpoint, objectionToEndpoint(endpoint));
  return judged.get(endpoint);
}

function objectionToEndpoint({ url, scopeRegion }: STSEndpoint): string | undefined {
  const { protocol, pathname } = requireURL(url, 'The endpoint of STS');
  if (protocol !== 'https:') return 'EKS takes only https addresses of STS';
  if (pathname !== '/') return 'EKS takes only addresses of STS without a path';
  // The host as it is written: a port makes a difference, and so do capital letters.
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
