import type { EndpointSettings } from './endpoint-settings.ts';
import { hostName, refuseDisputedDualstack, withoutFIPS } from './service-endpoint.ts';

/** Where STS is asked, and the region that goes into the signature. */
export interface STSEndpoint {
  /** Scheme, host, port and path, for example `https://sts.us-west-2.amazonaws.com`. */
  readonly url: string;
  readonly scopeRegion: string;
}

const GLOBAL_ENDPOINT: STSEndpoint = { url: 'https://sts.amazonaws.com', scopeRegion: 'us-east-1' };

/** The regions that `sts_regional_endpoints = legacy` sends to the global endpoint, from botocore. */
export const LEGACY_GLOBAL_REGIONS: ReadonlySet<string> = new Set([
  'ap-northeast-1',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'aws-global',
  'ca-central-1',
  'eu-central-1',
  'eu-north-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'sa-east-1',
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
]);

/**
 * The STS endpoint of a region: the custom URL, else the global or the regional endpoint.
 * @param region - `undefined` where nothing names one: the AWS CLI then uses the global endpoint
 * @throws Undecidable
 */
export function stsEndpoint(region: string | undefined, settings: EndpointSettings): STSEndpoint {
  const named = region ?? 'aws-global';
  const name = withoutFIPS(named);
  const fips = settings.fips || name !== named;
  refuseDisputedDualstack(name, settings);
  if (settings.customUrl !== undefined) return { url: settings.customUrl, scopeRegion: name };
  if (!fips && !settings.dualstack) {
    if (name === 'aws-global' || (settings.legacyGlobal && LEGACY_GLOBAL_REGIONS.has(name))) return GLOBAL_ENDPOINT;
  }
  return {
    url: `https://${hostName('sts', name, { ...settings, fips })}`,
    scopeRegion: name === 'aws-global' ? GLOBAL_ENDPOINT.scopeRegion : name,
  };
}
