/** The regions and domains of STS in one AWS partition. */
interface Partition {
  readonly regions: RegExp;
  readonly domain: string;
  /** Absent if the authenticator has no dual-stack domain for the partition. */
  readonly dualStackDomain?: string;
}

// Regions and domains as in aws-sdk-go-v2's partitions and pkg/endpoints of aws-iam-authenticator.
const PARTITIONS: Readonly<Record<string, Partition>> = {
  aws: {
    regions: /^(us|eu|ap|sa|ca|me|af|il|mx)-\w+-\d+$/,
    domain: 'amazonaws.com',
    dualStackDomain: 'api.aws',
  },
  'aws-cn': {
    regions: /^(cn-\w+-\d+|aws-cn-global)$/,
    domain: 'amazonaws.com.cn',
    dualStackDomain: 'api.amazonwebservices.com.cn',
  },
  'aws-us-gov': {
    regions: /^(us-gov-\w+-\d+|aws-us-gov-global)$/,
    domain: 'amazonaws.com',
    dualStackDomain: 'api.aws',
  },
  'aws-iso': { regions: /^(us-iso-\w+-\d+|aws-iso-global)$/, domain: 'c2s.ic.gov' },
  'aws-iso-b': { regions: /^(us-isob-\w+-\d+|aws-iso-b-global)$/, domain: 'sc2s.sgov.gov' },
  'aws-iso-e': { regions: /^(eu-isoe-\w+-\d+|aws-iso-e-global)$/, domain: 'cloud.adc-e.uk' },
  'aws-iso-f': { regions: /^(us-isof-\w+-\d+|aws-iso-f-global)$/, domain: 'csp.hci.ic.gov' },
  'aws-eusc': {
    regions: /^(eusc-de-\w+-\d+|aws-eusc-global)$/,
    domain: 'amazonaws.eu',
    dualStackDomain: 'api.amazonwebservices.eu',
  },
};

const GLOBAL_HOST = 'sts.amazonaws.com';

/** The partition of a region. Unknown regions belong to `aws`, as in the AWS SDKs. */
export function partitionOf(region: string): string {
  for (const [name, { regions }] of Object.entries(PARTITIONS)) if (regions.test(region)) return name;
  return 'aws';
}

/**
 * The region in which a request to this STS host must be signed, or undefined if an EKS cluster in `clusterRegion` does
 * not accept the host. A cluster accepts the regional, FIPS and dual-stack hosts under the domains of its partition (`aws`
 * and `aws-us-gov` share theirs), and the global host in partition `aws`. It accepts no host with a port, and the
 * domains in lower case only.
 */
export function stsSigningRegion(host: string, clusterRegion: string): string | undefined {
  const clusterPartition = partitionOf(clusterRegion);
  if (host === GLOBAL_HOST) return clusterPartition === 'aws' ? 'us-east-1' : undefined;
  const [, region = '', ...rest] = host.split('.');
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/i.test(region) || !hostsOf(region, partitionOf(region)).includes(host))
    return undefined;
  const { domain, dualStackDomain } = PARTITIONS[clusterPartition] ?? {};
  return [domain, dualStackDomain].includes(rest.join('.')) ? region : undefined;
}

function hostsOf(region: string, partition: string): readonly string[] {
  // The pseudo region has no regional hosts.
  if (region === 'aws-global') return [];
  const { domain, dualStackDomain } = PARTITIONS[partition] ?? { domain: 'amazonaws.com' };
  const hosts = [`sts.${region}.${domain}`];
  // GovCloud's plain endpoints are its FIPS endpoints.
  if (partition !== 'aws-us-gov') hosts.push(`sts-fips.${region}.${domain}`);
  if (dualStackDomain !== undefined)
    hosts.push(`sts.${region}.${dualStackDomain}`, `sts-fips.${region}.${dualStackDomain}`);
  return hosts;
}
