import type { IdentityStore } from '../identities.ts';
import { AWSError, type AWSService, jsonRefusal, jsonReply } from './aws-request.ts';
import { verifySigner } from './signed-request.ts';

/** A cluster as DescribeCluster shows it. */
export interface DescribedCluster {
  readonly name: string;
  readonly arn: string;
  readonly region: string;
  readonly server: string;
  readonly certificateAuthorityData: string;
}

/** EKS: `GET /clusters/NAME` describes the local clusters that belong to this AWS. */
export function createEKSControlPlane(identities: IdentityStore, clusters: ReadonlySet<DescribedCluster>): AWSService {
  return {
    serves: ({ path, method }) => method === 'GET' && path.startsWith('/clusters/'),
    answer(request) {
      const name = decodeURIComponent(request.path.slice('/clusters/'.length));
      request.begin('DescribeCluster', { resource: name });
      verifySigner(request, 'eks', identities);
      const region = /^eks\.([a-z0-9-]+)\./.exec(request.host)?.[1];
      const cluster = [...clusters].find((one) => one.name === name && (region === undefined || one.region === region));
      if (cluster === undefined)
        throw new AWSError(404, 'ResourceNotFoundException', `No cluster found for name: ${name}.`);
      return jsonReply(200, {
        cluster: {
          name,
          arn: cluster.arn,
          status: 'ACTIVE',
          version: '1.33',
          endpoint: cluster.server,
          certificateAuthority: { data: cluster.certificateAuthorityData },
        },
      });
    },
    refuse: (error) => jsonRefusal(error),
  };
}
