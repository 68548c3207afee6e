// The backend of a platform: each tenant has a role with an external id, or hands out keys through the AWS SDK.
import { CoreV1Api } from '@kubernetes/client-node';
import type { AWSCredentialProvider, ClusterRegistry } from 'ekspress';

/** A cluster of a tenant, as the platform has stored it. */
export interface Tenant {
  readonly name: string;
  readonly clusterName: string;
  readonly region: string;
  readonly roleArn?: string | undefined;
  readonly externalId?: string | undefined;
  /** For example `fromTemporaryCredentials(…)` of the AWS SDK. */
  readonly credentials?: AWSCredentialProvider | undefined;
}

/** How many namespaces the cluster of each tenant has; the reason where it cannot be asked. */
export async function countNamespaces(registry: ClusterRegistry, tenants: readonly Tenant[]): Promise<string[]> {
  return Promise.all(
    tenants.map(async ({ name, credentials, ...identity }) => {
      try {
        const cluster = await registry.registerAWSCluster(identity, { id: name, credentials, replace: true });
        const { items } = await cluster.makeApiClient(CoreV1Api).listNamespace();
        return `${name}: ${items.length} namespaces`;
      } catch (error) {
        return `${name}: ${error instanceof Error ? error.message : String(error)}`;
      }
    }),
  );
}
