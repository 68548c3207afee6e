import type { IdentityOptions } from '../../aws/stanza/stanza.ts';
import type { GivenCredentials } from '../../aws/token/given-credentials.ts';

/** Who calls DescribeCluster. */
export interface DescribeAs
  extends Pick<IdentityOptions, 'profile' | 'roleArn' | 'externalId' | 'sessionName' | 'tags' | 'transitiveTagKeys'>,
    Pick<GivenCredentials, 'credentials'> {
  /**
   * Signs DescribeCluster, and nothing else: a provider, asked at each call, or the keys themselves. With `roleArn` they assume that
   * role. Default: the credentials that the AWS CLI finds for `profile`.
   */
  readonly credentials?: GivenCredentials['credentials'];
}
