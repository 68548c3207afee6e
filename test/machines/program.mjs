// One process that uses the built library: a local cluster, a registry, and a client of it. Prints what the client has listed.
import { CoreV1Api } from '@kubernetes/client-node';
import { ClusterRegistry } from '../../dist/index.js';
import { startLocalEKS } from '../../dist/testing/index.js';

const [home = ''] = process.argv.slice(2);
const eks = await startLocalEKS();
await eks.writeAWSFiles(home, { region: eks.region });
const registry = new ClusterRegistry({ env: { HOME: home }, trustedServers: [eks] });
const cluster = await registry.registerEKSByString(eks.kubeconfig());
const { items } = await cluster.makeApiClient(CoreV1Api).listNamespace();
console.log(JSON.stringify([process.arch, ...items.map(({ metadata }) => metadata?.name)]));
await registry.close();
await eks.close();
