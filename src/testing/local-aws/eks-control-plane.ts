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
  /** By account and region, since a test may have more than a hundred thousand clusters. */
  readonly #byPlace = new Map<string, Set<DescribedCluster>>();

  add(cluster: DescribedCluster): void {
    this.remove(cluster.arn);
    this.#byArn.set(cluster.arn, cluster);
    const place = placeOf(cluster.arn);
    const there = this.#byPlace.get(place) ?? new Set();
    this.#byPlace.set(place, there.add(cluster));
  }

  remove(arn: string): void {
    const cluster = this.#byArn.get(arn);
    this.#byArn.delete(arn);
    if (cluster) this.#byPlace.get(placeOf(arn))?.delete(cluster);
  }

  /** Removes this cluster, and not one that has replaced it. */
  delete(cluster: DescribedCluster): void {
    if (this.#byArn.get(cluster.arn) === cluster) this.remove(cluster.arn);
  }

  /** The clusters of an account in a region. */
  of(account: string | undefined, region: string | undefined): DescribedCluster[] {
    return [...(this.#byPlace.get(`${region}:${account}`) ?? [])];
  }

  /** The cluster of that account; without one, that of another account. */
  find(region: string | undefined, account: string | undefined, name: string): DescribedCluster | undefined {
    const known = this.#byArn.get(`arn:aws:eks:${region}:${account}:cluster/${name}`);
    if (known) return known;
    const named = [...this.#byArn.values()].filter(
      (one) => one.name === name && (region === undefined || one.region === region),
    );
    return named.find(({ arn }) => arn.split(':')[4] === account) ?? named[0];
  }
}

/** `us-east-1:123456789012` */
function placeOf(arn: string): string {
  return arn.split(':').slice(3, 5).join(':');
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
        return listed(clusters.of(account, region), new URLSearchParams(request.rawQuery));
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
