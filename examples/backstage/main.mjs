// @ts-check
// Uses the strategy as Backstage does: one credential per request, for every cluster of its configuration.
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { ClusterRegistry } from 'ekspress';
import { EKSAuthStrategy } from './eks-auth-strategy.mjs';

const strategy = new EKSAuthStrategy();
// Backstage has its clusters in app-config.yaml. Here they come from the kubeconfig.
const registry = new ClusterRegistry();
const { registered } = await registry.registerAll();
for (const { server, eksAuth, kubeConfig } of registered) {
  const name = eksAuth?.clusterName ?? '';
  // The URL of a real cluster contains the region. That of a local one does not.
  const region = eksAuth?.region;
  const authMetadata = { 'kubernetes.io/x-k8s-aws-id': name };
  const details = { name, url: server, authMetadata, ...(region !== undefined && { region }) };
  const first = await strategy.getCredential(details);
  const second = await strategy.getCredential(details);
  const forRequest = new KubeConfig();
  const { caData } = kubeConfig.getCurrentCluster() ?? {};
  forRequest.loadFromOptions({
    clusters: [{ name, server, ...(caData !== undefined && { caData }) }],
    users: [{ name: 'backstage', token: first.token }],
    contexts: [{ name, cluster: name, user: 'backstage' }],
    currentContext: name,
  });
  const { items } = await forRequest.makeApiClient(CoreV1Api).listNamespace();
  console.log(`${name}: ${items.length} namespaces, same token for the next request: ${first.token === second.token}`);
}
await registry.close();
