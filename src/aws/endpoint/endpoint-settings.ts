/** Everything that decides how the STS endpoint follows from a region. */
export interface EndpointSettings {
  readonly fips: boolean;
  readonly dualstack: boolean;
  /** `sts.amazonaws.com` for the sixteen oldest regions. */
  readonly legacyGlobal: boolean;
  readonly customUrl?: string;
  /**
   * The tool may be older than the newest partitions. Only its own data decides which host names it makes for their
   * regions.
   */
  readonly olderRelease?: true;
}
