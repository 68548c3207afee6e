// @ts-check
// Lists the namespaces of all clusters of an Argo CD.
import { CoreV1Api } from '@kubernetes/client-node';
import { ClusterRegistry } from 'ekspress';
import { argoCDClusters } from './cluster-secrets.mjs';
import { writeSecrets } from './write-secrets.mjs';

const home = new ClusterRegistry();
const { registered } = await home.registerAll();
const [argoCD] = registered;
if (argoCD === undefined) throw new Error('The kubeconfig has no cluster.');
// An Argo CD has these Secrets already. Here they are made from the kubeconfig.
await writeSecrets(argoCD, registered);

const registry = new ClusterRegistry();
registry.on('sourceFailed', ({ part, error }) => console.error(`${part}: ${error.message}`));
await registry.follow(argoCDClusters(argoCD, { region: 'us-east-1' })).ready;
for (const cluster of registry.list()) {
  const { items } = await cluster.makeApiClient(CoreV1Api).listNamespace();
  console.log(`${cluster.eksAuth?.clusterName}: ${items.length} namespaces`);
}
await Promise.all([registry.close(), home.close()]);
