import { partitionOf } from '../../aws/endpoint/partitions.ts';
import { readURL } from '../../aws/http/read-url.ts';

/**
 * Whether an endpoint is one that EKS hands out in a region: https, under the name of EKS in the partition.
 * @param others further host names, each with all names below it
 */
export function isExpectedEndpoint(endpoint: string, region: string, others: readonly string[]): boolean {
  const url = readURL(endpoint);
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '') return false;
  const host = url.hostname.toLowerCase();
  if (others.some((name) => host === name.toLowerCase() || host.endsWith(`.${name.toLowerCase()}`))) return true;
  const { suffix, dualstackSuffix } = partitionOf(region);
  const names = [`.${region}.eks.${suffix}`, `.eks.${region}.${suffix}`, `.eks-cluster.${region}.${dualstackSuffix}`];
  return url.port === '' && names.some((name) => host.endsWith(name));
}
