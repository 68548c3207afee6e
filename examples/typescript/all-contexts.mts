// Watches the pods of every context until each list is known. A context that fails does not end the others.
import { CoreV1Api, type V1Pod } from '@kubernetes/client-node';
import { type Cluster, ClusterRegistry } from 'ekspress';

/** Resolves once the informer of a cluster has listed. */
async function knowPods(cluster: Cluster): Promise<number> {
  const core = cluster.makeApiClient(CoreV1Api);
  const informer = cluster.makeInformer<V1Pod>('/api/v1/pods', () => core.listPodForAllNamespaces());
  informer.on('error', (error: unknown) => console.error(`${cluster.id}: ${String(error)}; it tries again`));
  await informer.start();
  const { length } = informer.list();
  await informer.stop();
  return length;
}

const registry = new ClusterRegistry();
registry.on('refreshFailed', ({ cluster, error }) => console.error(`${cluster.id}: ${error.remedy}`));
const { registered, failed } = await registry.registerAll();
for (const { context, error } of failed) console.error(`${context}: ${error.code} ${error.message}`);
for (const cluster of registered) console.log(`${cluster.eksAuth?.clusterName ?? cluster.id}: ${await knowPods(cluster)} pods`);
await registry.close();
