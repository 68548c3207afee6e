// @ts-check
// An authentication strategy for the Kubernetes backend of Backstage that replaces its `aws` strategy. It uses the
// region of each cluster, while `aws` has one region for all. It assumes the role once per token and keeps tokens until
// shortly before they expire. Concurrent calls share one token.
import { parseExecConfig, TokenManager } from 'ekspress';

/** The annotations that Backstage documents for clusters with AWS authentication. */
const CLUSTER_NAME = 'kubernetes.io/x-k8s-aws-id';
const ASSUME_ROLE = 'kubernetes.io/aws-assume-role';

/** Finds the region in an endpoint such as `https://ABC.gr7.eu-west-1.eks.amazonaws.com`. */
const ENDPOINT = /\.([a-z0-9-]+)\.eks\.amazonaws\.com(\.cn)?(:\d+)?\/?$/;

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
  #managerOf({ name, url, authMetadata, region = ENDPOINT.exec(url)?.[1] ?? 'us-east-1' }) {
    const clusterName = authMetadata[CLUSTER_NAME] ?? name;
    const role = authMetadata[ASSUME_ROLE];
    const key = JSON.stringify([clusterName, region, role]);
    let manager = this.#managers.get(key);
    if (manager === undefined) {
      const args = ['--region', region, 'eks', 'get-token', '--cluster-name', clusterName];
      if (role !== undefined) args.push('--role-arn', role);
      manager = new TokenManager(parseExecConfig({ command: 'aws', args }), this.#options);
      this.#managers.set(key, manager);
    }
    return manager;
  }
}
