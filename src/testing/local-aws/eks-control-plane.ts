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

/** The clusters of all accounts and regions. Two clusters never have the same ARN: the later one replaces the earlier one. */
export class DescribedClusters {
  readonly #byArn = new Map<string, DescribedCluster>();

  add(cluster: DescribedCluster): void {
    this.#byArn.set(cluster.arn, cluster);
  }

  remove(arn: string): void {
    this.#byArn.delete(arn);
  }

  /** Removes this cluster, and not one that has replaced it. */
  delete(cluster: DescribedCluster): void {
    if (this.#byArn.get(cluster.arn) === cluster) this.#byArn.delete(cluster.arn);
  }

  /** @param region - absent: all regions */
  in(region: string | undefined): DescribedCluster[] {
    return [...this.#byArn.values()].filter((one) => region === undefined || one.region === region);
  }

  /** The cluster of that account; without one, that of another account. */
  find(region: string | undefined, account: string | undefined, name: string): DescribedCluster | undefined {
    const known = this.#byArn.get(`arn:aws:eks:${region}:${account}:cluster/${name}`);
    if (known) return known;
    const named = this.in(region).filter((one) => one.name === name);
    return named.find(({ arn }) => arn.split(':')[4] === account) ?? named[0];
  }
}

const PAGE = 100;

/** EKS: `GET /clusters` lists, and `GET /clusters/NAME` describes the clusters of the caller's account and region. */
export function createEKSControlPlane(identities: IdentityStore, clusters: DescribedClusters): AWSService {
  return {
    serves: ({ path, method }) => method === 'GET' && /^\/clusters(\/|$)/.test(path),
    answer(request) {
      const name = decodeURIComponent(request.path.slice('/clusters/'.length));
      if (name === '') request.begin('ListClusters');
      else request.begin('DescribeCluster', { resource: name });
      const caller = verifySigner(request, 'eks', identities);
      const region = regionOf(request);
      const account = caller.arn.split(':')[4];
      if (name === '') {
        const own = clusters.in(region).filter(({ arn }) => arn.split(':')[4] === account);
        return listed(own, new URLSearchParams(request.rawQuery));
      }
      const cluster = clusters.find(region, account, name);
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
