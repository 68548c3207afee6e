// An informer of pods on stock client-node or on ekspress, with the client-node at a path where one is given.
import { pathToFileURL } from 'node:url';

const [kind, kubeconfig, entryPoint, clientNode] = process.argv.slice(2);
if (clientNode) {
  // Node 20, which has no such hooks, runs the client-node of this tree.
  const { registerHooks } = await import('node:module');
  const url = pathToFileURL(clientNode).href;
  registerHooks({
    resolve: (name, context, next) =>
      name === '@kubernetes/client-node' ? { url, format: 'module', shortCircuit: true } : next(name, context),
  });
}
const { CoreV1Api, KubeConfig, makeInformer } = await import('@kubernetes/client-node');
const path = '/api/v1/namespaces/default/pods';
const list = (api) => () => api.listNamespacedPod({ namespace: 'default' });
let informer;
if (kind === 'stock') {
  const client = new KubeConfig();
  client.loadFromFile(kubeconfig);
  informer = makeInformer(client, path, list(client.makeApiClient(CoreV1Api)));
  // As in client-node's documentation.
  informer.on('error', () => setTimeout(() => informer.start(), 5_000));
} else {
  const { ClusterRegistry } = await import(entryPoint);
  const cluster = await new ClusterRegistry({ cache: false }).registerByPath(kubeconfig);
  informer = cluster.makeInformer(path, list(cluster.makeApiClient(CoreV1Api)));
  informer.on('error', () => {});
}
await informer.start();
