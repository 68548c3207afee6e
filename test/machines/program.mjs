// One process that uses the built library: a local cluster, a registry, and clients of it. Prints what the clients have listed
// and watched.
import { CoreV1Api } from '@kubernetes/client-node';
import { ClusterRegistry } from '../../dist/index.js';
import { startLocalEKS } from '../../dist/testing/index.js';

const [home = ''] = process.argv.slice(2);
const eks = await startLocalEKS();
await eks.writeAWSFiles(home, { region: eks.region });
const registry = new ClusterRegistry({ env: { HOME: home }, trustedServers: [eks] });
const cluster = await registry.registerEKSByString(eks.kubeconfig());
const api = cluster.makeApiClient(CoreV1Api);
const { items } = await api.listNamespace();
const informer = cluster.makeInformer('/api/v1/namespaces', () => api.listNamespace());
const watched = new Promise((resolve) => {
  informer.on('add', ({ metadata }) => metadata?.name === 'later' && resolve(metadata.name));
});
await informer.start();
await api.createNamespace({ body: { metadata: { name: 'later' } } });
const later = await watched;
await informer.stop();
console.log(JSON.stringify([process.arch, ...items.map(({ metadata }) => metadata?.name), later]));
await registry.close();
await eks.close();
