// A service with one informer, on stock client-node or on ours; what it hears goes into a file.
import { appendFileSync } from 'node:fs';
import { CoreV1Api, KubeConfig, makeInformer } from '@kubernetes/client-node';

const [kind, kubeconfig, entryPoint, file] = process.argv.slice(2);
const path = '/api/v1/namespaces/default/configmaps';
const say = (word) => appendFileSync(file, `${word}\n`);
let informer;
if (kind === 'stock') {
  const client = new KubeConfig();
  client.loadFromFile(kubeconfig);
  const api = client.makeApiClient(CoreV1Api);
  informer = makeInformer(client, path, () => api.listNamespacedConfigMap({ namespace: 'default' }));
  // As client-node's documentation has it, only sooner.
  informer.on('error', () => setTimeout(() => informer.start(), 100));
} else {
  const { ClusterRegistry } = await import(entryPoint);
  const cluster = await new ClusterRegistry().registerByPath(kubeconfig);
  const api = cluster.makeApiClient(CoreV1Api);
  informer = cluster.makeInformer(path, () => api.listNamespacedConfigMap({ namespace: 'default' }));
}
informer.on('error', () => say('error'));
informer.on('add', ({ metadata }) => say(`+${metadata.name}`));
await informer.start();
say('connected');
