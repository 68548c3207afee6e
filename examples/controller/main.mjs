// @ts-check
// A controller that writes the number of pods of each namespace into a ConfigMap `pod-count`, in every cluster. An
// informer that cannot authenticate, for example after an SSO login has expired, emits 'error' and continues when it
// can authenticate again. With client-node alone it would end the process.
import { CoreV1Api } from '@kubernetes/client-node';
import { ClusterRegistry } from 'ekspress';

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stopping.abort());
// Listened for at once: a signal may come while the informers start.
const stopped = new Promise((resolve) => stopping.signal.addEventListener('abort', resolve));

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

  // Namespaces are counted one at a time, and once for all changes that are pending.
  const changed = new Set();
  let work = Promise.resolve();
  /** @param {import('@kubernetes/client-node').V1Pod} pod */
  const onChange = (pod) => {
    const namespace = pod.metadata?.namespace ?? 'default';
    if (changed.has(namespace)) return;
    changed.add(namespace);
    work = work.then(async () => {
      changed.delete(namespace);
      await reconcile(namespace).catch((error) => console.error(`${cluster.id}: ${error.message}`));
    });
  };
  informer.on('add', onChange);
  informer.on('delete', onChange);
  informer.on('error', (error) => {
    if (stopping.signal.aborted) return;
    console.error(`${cluster.id}: ${error?.code ?? ''} ${error?.message ?? error}\n  ${error?.remedy ?? ''}`);
  });
  return {
    start: () => informer.start(),
    stop: async () => {
      await informer.stop();
      await work;
    },
  };
}

const registry = new ClusterRegistry();
const { registered } = await registry.registerAll();
const controllers = registered.map(countPods);
await Promise.all(controllers.map((controller) => controller.start()));
await stopped;
await Promise.all(controllers.map((controller) => controller.stop()));
await registry.close();
console.log('stopped');
