/** A part of AWS with identities and host names of its own. */
export interface Partition {
  readonly id: string;
  readonly suffix: string;
  readonly dualstackSuffix: string;
  /** Which regions, also future ones, belong here. */
  readonly region: RegExp;
}

/** From botocore's `partitions.json`; all of them have FIPS names. */
const PARTITIONS: readonly [Partition, ...Partition[]] = [
  {
    id: 'aws',
    suffix: 'amazonaws.com',
    dualstackSuffix: 'api.aws',
    region: /^(?:us|eu|ap|sa|ca|me|af|il|mx)-\w+-\d+$/,
  },
  {
    id: 'aws-cn',
    suffix: 'amazonaws.com.cn',
    dualstackSuffix: 'api.amazonwebservices.com.cn',
    region: /^cn-\w+-\d+$|^aws-cn-global$/,
  },
  {
    id: 'aws-us-gov',
    suffix: 'amazonaws.com',
    dualstackSuffix: 'api.aws',
    region: /^us-gov-\w+-\d+$|^aws-us-gov-global$/,
  },
  {
    id: 'aws-iso',
    suffix: 'c2s.ic.gov',
    dualstackSuffix: 'api.aws.ic.gov',
    region: /^us-iso-\w+-\d+$|^aws-iso-global$/,
  },
  {
    id: 'aws-iso-b',
    suffix: 'sc2s.sgov.gov',
    dualstackSuffix: 'api.aws.scloud',
    region: /^us-isob-\w+-\d+$|^aws-iso-b-global$/,
  },
  {
    id: 'aws-iso-e',
    suffix: 'cloud.adc-e.uk',
    dualstackSuffix: 'api.cloud-aws.adc-e.uk',
    region: /^eu-isoe-\w+-\d+$|^aws-iso-e-global$/,
  },
  {
    id: 'aws-iso-f',
    suffix: 'csp.hci.ic.gov',
    dualstackSuffix: 'api.aws.hci.ic.gov',
    region: /^us-isof-\w+-\d+$|^aws-iso-f-global$/,
  },
  {
    id: 'aws-eusc',
    suffix: 'amazonaws.eu',
    dualstackSuffix: 'api.amazonwebservices.eu',
    region: /^eusc-(?:de)-\w+-\d+$/,
  },
];

/** The names of all partitions, as in ARNs. */
export const PARTITION_IDS: readonly string[] = PARTITIONS.map(({ id }) => id);

/** The partition of a region; regions that fit none belong to `aws`. */
export function partitionOf(region: string): Partition {
  return PARTITIONS.find((partition) => partition.region.test(region)) ?? PARTITIONS[0];
}
