import type { EndpointSettings } from './endpoint-settings.ts';
import { partitionOf } from './partitions.ts';

/** The address of the EKS service in a region, without a slash at its end. `customUrl` is the configured endpoint of EKS. */
export function eksEndpoint(region: string, { fips, dualstack, customUrl }: EndpointSettings): string {
  if (customUrl !== undefined) return customUrl.replace(/\/+$/, '');
  const { id, suffix, dualstackSuffix } = partitionOf(region);
  if (dualstack) return `https://${fips ? 'eks-fips' : 'eks'}.${region}.${dualstackSuffix}`;
  // Each of these three is as botocore's rules for EKS have it: `aws` has names of its own, us-gov has FIPS everywhere.
  const service = !fips || id === 'aws-us-gov' ? 'eks' : id === 'aws' ? 'fips.eks' : 'eks-fips';
  return `https://${service}.${region}.${suffix}`;
}
