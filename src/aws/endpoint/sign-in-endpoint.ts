import { Undecidable } from '../undecidable.ts';
import type { EndpointSettings } from './endpoint-settings.ts';
import { partitionOf } from './partitions.ts';
import { hostName, withoutFIPS } from './service-endpoint.ts';

/** Partitions whose plain host names do not follow the rule of the others. */
const OWN_NAMES: Readonly<Record<string, string>> = {
  aws: 'signin.aws.amazon.com',
  'aws-cn': 'signin.amazonaws.cn',
  'aws-us-gov': 'signin.amazonaws-us-gov.com',
};

/**
 * The address of AWS Sign-In in a region, without a slash at its end: botocore's rules for `signin`.
 * @throws Undecidable
 */
export function signInEndpoint(region: string, settings: EndpointSettings): string {
  const name = withoutFIPS(region);
  const fips = settings.fips || name !== region;
  const { customUrl, dualstack } = settings;
  if (customUrl !== undefined) {
    if (fips || dualstack) throw new Undecidable('AWS Sign-In has no configured address with FIPS or dual stack');
    return customUrl.replace(/\/+$/, '');
  }
  const { id, suffix } = partitionOf(name);
  const own = OWN_NAMES[id];
  if (!fips && !dualstack && own !== undefined) return `https://${name}.${own}`;
  // The rule for FIPS alone has no exception for us-gov here.
  if (fips && !dualstack) return `https://signin-fips.${name}.${suffix}`;
  return `https://${hostName('signin', name, { ...settings, fips })}`;
}
