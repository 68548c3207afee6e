import { Undecidable } from '../undecidable.ts';
import type { EndpointSettings } from './endpoint-settings.ts';
import { partitionOf } from './partitions.ts';

/** The services besides STS, by the first label of their host names. */
export type ServicePrefix = 'portal.sso' | 'oidc';

/** The address of a service in a region, without a slash at its end. */
export function serviceEndpoint(prefix: ServicePrefix, region: string, settings: EndpointSettings): string {
  const name = withoutFIPS(region);
  refuseDisputedDualstack(name, settings);
  if (settings.customUrl !== undefined) return settings.customUrl.replace(/\/+$/, '');
  return `https://${hostName(prefix, name, { ...settings, fips: settings.fips || name !== region })}`;
}

/** Some regions have a second name that asks for FIPS: `fips-us-west-2`, `us-west-2-fips`. */
export function withoutFIPS(region: string): string {
  return region.replaceAll('fips-', '').replaceAll('-fips', '');
}

/**
 * The host name by the rules of the region's partition. us-gov has separate FIPS names only with dual stack.
 * @throws Undecidable
 */
export function hostName(prefix: string, region: string, settings: EndpointSettings): string {
  const { fips, dualstack } = settings;
  const partition = partitionOf(region);
  if (settings.olderRelease && LATE_PARTITIONS.has(partition.id))
    throw new Undecidable(`older tools do not know the partition ${partition.id}`);
  refuseDisputedDualstack(region, settings);
  const service = fips && (partition.id !== 'aws-us-gov' || dualstack) ? `${prefix}-fips` : prefix;
  return `${service}.${region}.${dualstack ? partition.dualstackSuffix : partition.suffix}`;
}

/** Partitions that releases before 2025 do not know. They use the names of `aws` there. */
const LATE_PARTITIONS = new Set(['aws-eusc', 'aws-iso-e', 'aws-iso-f']);
/** Partitions whose dual-stack names only some releases make. Others refuse them. */
const DISPUTED_DUALSTACK = new Set(['aws-iso-e', 'aws-iso-f']);

/**
 * Tools look up the name of a service also where a configured URL takes its place, and some fail then.
 * @throws Undecidable
 */
export function refuseDisputedDualstack(region: string, { dualstack, olderRelease }: EndpointSettings): void {
  const { id } = partitionOf(region);
  if (dualstack && (DISPUTED_DUALSTACK.has(id) || (olderRelease && id.startsWith('aws-iso')))) {
    throw new Undecidable(`not every release makes dual-stack names for ${id}`);
  }
}
