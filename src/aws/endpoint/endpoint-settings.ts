/** Everything that decides how the STS endpoint follows from a region. */
export interface EndpointSettings {
  readonly fips: boolean;
  readonly dualstack: boolean;
  /** `sts.amazonaws.com` for the sixteen oldest regions. */
  readonly legacyGlobal: boolean;
  readonly customUrl?: string;
  /** The tool may be older than the partitions of late: only its own data tell what it makes of their regions. */
  readonly olderRelease?: true;
}
