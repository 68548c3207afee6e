import type { IdentityOptions } from '../../aws/stanza/stanza.ts';
import type { GivenCredentials } from '../../aws/token/given-credentials.ts';

/** Who calls DescribeCluster. */
export interface DescribeAs
  extends Pick<IdentityOptions, 'profile' | 'roleArn' | 'externalId' | 'sessionName' | 'tags' | 'transitiveTagKeys'>,
    Pick<GivenCredentials, 'credentials'> {}
