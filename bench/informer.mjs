// A service with one informer, on stock client-node or on ekspress. It writes the events into a file.
import { appendFileSync } from 'node:fs';
import { CoreV1Api, KubeConfig, makeInformer } from '@kubernetes/client-node';

const [kind, kubeconfig, entryPoint, file] = process.argv.slice(2);
const path = '/api/v1/namespaces/default/configmaps';
const record = (event) => appendFileSync(file, `${event}\n`);
let informer;
if (kind === 'stock') {
  const client = new KubeConfig();
  client.loadFromFile(kubeconfig);
  const api = client.makeApiClient(CoreV1Api);
  informer = makeInformer(client, path, () => api.listNamespacedConfigMap({ namespace: 'default' }));
  // As in client-node's documentation, with a shorter pause.
  informer.on('error', () => setTimeout(() => informer.start(), 100));
} else {
  const { ClusterRegistry } = await import(entryPoint);
  const cluster = await new ClusterRegistry().registerByPath(kubeconfig);
  const api = cluster.makeApiClient(CoreV1Api);
  informer = cluster.makeInformer(path, () => api.listNamespacedConfigMap({ namespace: 'default' }));
}
informer.on('error', () => record('error'));
informer.on('add', ({ metadata }) => record(`+${metadata.name}`));
await informer.start();
record('connected');
