// @ts-check
// A controller: writes the number of pods of each namespace into a ConfigMap `pod-count`, in every cluster.
// A watch that cannot authenticate (an SSO login that ended, say) emits 'error' and is started again later; with
// client-node alone it would end the process.
import { setTimeout as sleep } from 'node:timers/promises';
import { CoreV1Api } from '@kubernetes/client-node';
import { ClusterRegistry } from 'ekspress';

const RETRY_MS = 5_000;
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stopping.abort());

/** @param {import('ekspress').Cluster} cluster */
function countPods(cluster) {
  const core = cluster.makeApiClient(CoreV1Api);
  const informer = cluster.makeInformer('/api/v1/pods', () => core.listPodForAllNamespaces());

  /** @param {string} namespace */
  async function reconcile(namespace) {
    const pods = informer.list(namespace).length;
    const body = { metadata: { name: 'pod-count', namespace }, data: { pods: `${pods}` } };
    try {
      await core.replaceNamespacedConfigMap({ name: 'pod-count', namespace, body });
    } catch (error) {
      if (/** @type {{ code?: unknown }} */ (error).code !== 404) throw error;
      await core.createNamespacedConfigMap({ namespace, body });
    }
    console.log(`${cluster.eksAuth?.clusterName}/${namespace}: ${pods} pods`);
  }

  // One at a time for each cluster; what came meanwhile is looked at in the next round.
  let queue = Promise.resolve();
  /** @param {import('@kubernetes/client-node').V1Pod} pod */
  const onChange = (pod) => {
    const namespace = pod.metadata?.namespace ?? 'default';
    queue = queue.then(() => reconcile(namespace)).catch((error) => console.error(`${cluster.id}: ${error.message}`));
  };
  informer.on('add', onChange);
  informer.on('delete', onChange);
  informer.on('error', async (error) => {
    if (stopping.signal.aborted) return;
    console.error(`${cluster.id}: ${error?.code ?? ''} ${error?.message ?? error}\n  ${error?.remedy ?? ''}`);
    await sleep(RETRY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    if (!stopping.signal.aborted) await informer.start();
  });
  return informer;
}

const registry = new ClusterRegistry();
const { registered } = await registry.registerAll();
const informers = registered.map(countPods);
await Promise.all(informers.map((informer) => informer.start()));
await new Promise((resolve) => stopping.signal.addEventListener('abort', resolve));
await Promise.all(informers.map((informer) => informer.stop()));
await registry.close();
console.log('stopped');
