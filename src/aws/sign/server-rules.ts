import { hostName, withoutFIPS } from '../endpoint/service-endpoint.ts';
import type { STSEndpoint } from '../endpoint/sts-endpoint.ts';

/** EKS reads no longer tokens. */
const LONGEST_TOKEN_BYTES = 4096;

/** One endpoint signs many tokens. */
const judged = new WeakMap<STSEndpoint, string | undefined>();

/**
 * What the authenticator of an EKS cluster will object to, before it says a mere 401; `undefined`: nothing. A token
 * for an endpoint of one's own may still be right for another server.
 */
export function objectionOfServer(token: string, endpoint: STSEndpoint): string | undefined {
  if (token.length > LONGEST_TOKEN_BYTES)
    return `the token is ${token.length} bytes long, EKS reads ${LONGEST_TOKEN_BYTES}`;
  if (!judged.has(endpoint)) judged.set(endpoint, objectionToEndpoint(endpoint));
  return judged.get(endpoint);
}

function objectionToEndpoint({ url, scopeRegion }: STSEndpoint): string | undefined {
  const { protocol, hostname, pathname } = new URL(url);
  if (protocol !== 'https:') return 'EKS takes only https addresses of STS';
  if (pathname !== '/') return 'EKS takes only addresses of STS without a path';
  return isHostOfSTS(hostname, scopeRegion.toLowerCase())
    ? undefined
    : `EKS does not know ${hostname} as an address of STS`;
}

function isHostOfSTS(host: string, region: string): boolean {
  if (host === 'sts.amazonaws.com') return true;
  const variants = [false, true].flatMap((fips) => [false, true].map((dualstack) => ({ fips, dualstack })));
  return variants.some((variant) => hostName('sts', withoutFIPS(region), { ...variant, legacyGlobal: false }) === host);
}
