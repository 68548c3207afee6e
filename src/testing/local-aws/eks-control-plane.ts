import type { IdentityStore } from '../identities.ts';
import { AWSError, type AWSReply, type AWSRequest, type AWSService, jsonRefusal, jsonReply } from './aws-request.ts';
import { verifySigner } from './signed-request.ts';

/** A cluster as DescribeCluster shows it. */
export interface DescribedCluster {
  readonly name: string;
  readonly arn: string;
  readonly region: string;
  readonly server: string;
  readonly certificateAuthorityData: string;
}

const PAGE = 100;

/** EKS: `GET /clusters` lists, and `GET /clusters/NAME` describes the clusters of the caller's account and region. */
export function createEKSControlPlane(identities: IdentityStore, clusters: ReadonlySet<DescribedCluster>): AWSService {
  return {
    serves: ({ path, method }) => method === 'GET' && /^\/clusters(\/|$)/.test(path),
    answer(request) {
      const name = decodeURIComponent(request.path.slice('/clusters/'.length));
      if (name === '') request.begin('ListClusters');
      else request.begin('DescribeCluster', { resource: name });
      const caller = verifySigner(request, 'eks', identities);
      const region = regionOf(request);
      const here = [...clusters].filter((one) => region === undefined || one.region === region);
      const own = here.filter(({ arn }) => arn.split(':')[4] === caller.arn.split(':')[4]);
      if (name === '') return listed(own, new URLSearchParams(request.rawQuery));
      const cluster = [...own, ...here].find((one) => one.name === name);
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

function listed(clusters: readonly DescribedCluster[], query: URLSearchParams): AWSReply {
  const names = clusters.map(({ name }) => name).sort();
  const from = Number(query.get('nextToken') ?? 0);
  const to = from + Math.min(Number(query.get('maxResults') ?? PAGE), PAGE);
  return jsonReply(200, { clusters: names.slice(from, to), ...(to < names.length && { nextToken: `${to}` }) });
}

/** Of the host name; where it has none, of the signature. */
function regionOf({ host, headers }: AWSRequest): string | undefined {
  const signed = /Credential=[^/]+\/\d+\/([a-z0-9-]+)\/eks\//.exec(headers.authorization ?? '');
  return /^eks\.([a-z0-9-]+)\./.exec(host)?.[1] ?? signed?.[1];
}
