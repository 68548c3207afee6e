// @ts-check
// An authentication strategy for the Kubernetes backend of Backstage that replaces its `aws` strategy. It uses the
// region of each cluster, while `aws` has one region for all. It assumes the role once per token and keeps tokens until
// shortly before they expire. Concurrent calls share one token.
import { parseExecConfig, TokenManager } from 'ekspress';

/** The annotations that Backstage documents for clusters with AWS authentication. */
export const CLUSTER_NAME = 'kubernetes.io/x-k8s-aws-id';
export const ASSUME_ROLE = 'kubernetes.io/aws-assume-role';
export const EXTERNAL_ID = 'kubernetes.io/aws-external-id';

/**
 * Finds the region in an endpoint of any partition: `https://ABC.gr7.eu-west-1.eks.amazonaws.com`,
 * `https://ABC.gr7.eusc-de-east-1.eks.amazonaws.eu`, and for IPv6 `https://0123.eks-cluster.eu-west-1.api.aws`.
 */
const ENDPOINT = /\.([a-z0-9-]+)\.eks\.(?:amazonaws|c2s|sc2s|csp|cloud)\.|\.eks-cluster\.([a-z0-9-]+)\.api\./;

/** @typedef {{ name: string, url: string, authMetadata: Record<string, string>, region?: string }} ClusterDetails */

export class EKSAuthStrategy {
  /** @type {Map<string, TokenManager>} */
  #managers = new Map();
  /** @type {import('ekspress').TokenManagerOptions} */
  #options;

  /** @param {import('ekspress').TokenManagerOptions} [options] */
  constructor(options = {}) {
    this.#options = options;
  }

  /** @param {ClusterDetails} cluster */
  async getCredential(cluster) {
    const { token } = await this.#managerOf(cluster).getValidToken();
    return { type: 'bearer token', token };
  }

  /** @param {Record<string, string>} authMetadata */
  validateCluster(authMetadata) {
    const role = authMetadata[ASSUME_ROLE];
    return role === undefined || role.startsWith('arn:') ? [] : [new Error(`${ASSUME_ROLE} is not the ARN of a role.`)];
  }

  presentAuthMetadata() {
    return {};
  }

  /** @param {ClusterDetails} cluster */
  #managerOf({ name, url, authMetadata, region = regionOf(name, url) }) {
    const clusterName = authMetadata[CLUSTER_NAME] ?? name;
    const role = authMetadata[ASSUME_ROLE];
    const externalId = authMetadata[EXTERNAL_ID];
    const key = JSON.stringify([clusterName, region, role, externalId]);
    let manager = this.#managers.get(key);
    if (manager === undefined) {
      // The command has no flag for an external id.
      const options = role === undefined || externalId === undefined ? {} : { externalId };
      manager = new TokenManager(parseExecConfig(commandFor(clusterName, region, role), options), this.#options);
      this.#managers.set(key, manager);
    }
    return manager;
  }
}

/**
 * @param {string} name
 * @param {string} url
 */
export function regionOf(name, url) {
  const [, byName, byCluster] = ENDPOINT.exec(url) ?? [];
  const region = byName ?? byCluster;
  if (region !== undefined) return region;
  throw new Error(`Set the region of the cluster ${name}: its URL does not contain one.`);
}

/**
 * The command whose token is wanted. It is not started: ekspress makes the same token itself.
 * @param {string} clusterName
 * @param {string} region
 * @param {string | undefined} role
 */
function commandFor(clusterName, region, role) {
  const args = ['--region', region, 'eks', 'get-token', '--cluster-name', clusterName];
  return { command: 'aws', args: role === undefined ? args : [...args, '--role-arn', role] };
}
