// @ts-check
import { once } from 'node:events';
import { createServer } from 'node:http';
import { ClusterRegistry } from 'ekspress';

/** Starts a server that answers as the catalog of Backstage does, two entities at a time, with the clusters of the kubeconfig. */
export async function startCatalog() {
  const registry = new ClusterRegistry();
  const { registered } = await registry.registerAll();
  const entities = registered.map(({ server, eksAuth, kubeConfig }) => ({
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Resource',
    metadata: {
      name: `cluster-of-${eksAuth?.clusterName}`,
      annotations: {
        'kubernetes.io/api-server': server,
        'kubernetes.io/api-server-certificate-authority': kubeConfig.getCurrentCluster()?.caData,
        'kubernetes.io/auth-provider': 'aws',
        'kubernetes.io/x-k8s-aws-id': eksAuth?.clusterName,
      },
    },
    spec: { type: 'kubernetes-cluster', owner: 'platform' },
  }));
  await registry.close();
  const server = createServer(({ url = '/' }, response) => {
    const from = Number(new URL(url, 'http://localhost').searchParams.get('cursor') ?? 0);
    const to = from + 2;
    const pageInfo = to < entities.length ? { nextCursor: `${to}` } : {};
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ items: entities.slice(from, to), totalItems: entities.length, pageInfo }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${port}`, close };
}
