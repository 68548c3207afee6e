import type { EndpointSettings } from './endpoint-settings.ts';
import { partitionOf } from './partitions.ts';

/** The services besides STS, by the first label of their host names. */
export type ServicePrefix = 'portal.sso' | 'oidc';

/** The address of a service in a region, without a slash at its end. */
export function serviceEndpoint(prefix: ServicePrefix, region: string, settings: EndpointSettings): string {
  if (settings.customUrl !== undefined) return settings.customUrl.replace(/\/+$/, '');
  const name = withoutFIPS(region);
  return `https://${hostName(prefix, name, { ...settings, fips: settings.fips || name !== region })}`;
}

/** Some regions have a second name that asks for FIPS: `fips-us-west-2`, `us-west-2-fips`. */
export function withoutFIPS(region: string): string {
  return region.replaceAll('fips-', '').replaceAll('-fips', '');
}

/** The name by the rules of the region's partition; us-gov has no separate FIPS names but with dual stack. */
export function hostName(prefix: string, region: string, { fips, dualstack }: EndpointSettings): string {
  const partition = partitionOf(region);
  const service = fips && (partition.id !== 'aws-us-gov' || dualstack) ? `${prefix}-fips` : prefix;
  return `${service}.${region}.${dualstack ? partition.dualstackSuffix : partition.suffix}`;
}
