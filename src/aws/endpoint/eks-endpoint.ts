import type { Recorder } from '../../recording/recorder.ts';
import { readURL } from '../http/read-url.ts';
import { Undecidable } from '../undecidable.ts';
import type { EndpointSettings } from './endpoint-settings.ts';
import { partitionOf } from './partitions.ts';
import { hostName } from './service-endpoint.ts';

/**
 * The address of the EKS service in a region, without a slash at its end. `AWS_ENDPOINT_URL_EKS` and `AWS_ENDPOINT_URL`
 * go first, as in the AWS CLI.
 * @throws Undecidable
 */
export function eksEndpoint(region: string, { fips, dualstack }: EndpointSettings, recorder: Recorder): string {
  const ignored = recorder.variable('AWS_IGNORE_CONFIGURED_ENDPOINT_URLS')?.toLowerCase() === 'true';
  const configured = ignored
    ? undefined
    : recorder.variable('AWS_ENDPOINT_URL_EKS') || recorder.variable('AWS_ENDPOINT_URL');
  if (configured && readURL(configured) === undefined)
    throw new Undecidable('the configured endpoint of EKS is not a plain URL');
  if (configured) return configured.replace(/\/+$/, '');
  const partition = partitionOf(region);
  // The FIPS names of EKS begin with `fips.eks` instead of `eks-fips`, except for dual-stack names.
  if (fips && !dualstack && partition.id !== 'aws-us-gov') return `https://fips.eks.${region}.${partition.suffix}`;
  return `https://${hostName('eks', region, { fips, dualstack, legacyGlobal: false })}`;
}
