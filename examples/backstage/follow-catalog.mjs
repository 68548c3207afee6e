// @ts-check
// Lists the namespaces of all EKS clusters of a Backstage catalog: BACKSTAGE_URL is its backend and BACKSTAGE_TOKEN a token
// for it. Without them the catalog is a small server that has the clusters of the kubeconfig.
import { CoreV1Api } from '@kubernetes/client-node';
import { ClusterRegistry } from 'ekspress';
import { backstageClusters } from './catalog-clusters.mjs';
import { startCatalog } from './local-catalog.mjs';

const { BACKSTAGE_URL, BACKSTAGE_TOKEN: token } = process.env;
const catalog = BACKSTAGE_URL === undefined ? await startCatalog() : undefined;
const source = backstageClusters(BACKSTAGE_URL ?? catalog?.url ?? '', {
  ...(token !== undefined && { token }),
  // The URL of a real cluster contains the region. That of a local one does not.
  ...(catalog && { region: 'us-east-1' }),
});

const registry = new ClusterRegistry();
registry.on('sourceFailed', ({ part, error }) => console.error(`${part}: ${error.message}`));
await registry.follow(source).ready;
for (const cluster of registry.list()) {
  const { items } = await cluster.makeApiClient(CoreV1Api).listNamespace();
  console.log(`${cluster.eksAuth?.clusterName}: ${items.length} namespaces`);
}
await registry.close();
catalog?.close();
