// @ts-check
import { CoreV1Api } from '@kubernetes/client-node';

const namespace = 'argocd';

/**
 * Writes the Secrets that `argocd cluster add` would write for these clusters.
 * @param {import('ekspress').Cluster} argoCD
 * @param {readonly import('ekspress').Cluster[]} clusters
 */
export async function writeSecrets(argoCD, clusters) {
  const api = argoCD.makeApiClient(CoreV1Api);
  await api.createNamespace({ body: { metadata: { name: namespace } } });
  for (const { server, eksAuth, kubeConfig } of clusters) {
    const clusterName = eksAuth?.clusterName ?? '';
    const { caData } = kubeConfig.getCurrentCluster() ?? {};
    const config = JSON.stringify({ awsAuthConfig: { clusterName }, tlsClientConfig: { insecure: false, caData } });
    const metadata = { name: `cluster-${clusterName}`, labels: { 'argocd.argoproj.io/secret-type': 'cluster' } };
    const data = Object.fromEntries(
      Object.entries({ name: clusterName, server, config }).map(([key, value]) => [
        key,
        Buffer.from(value).toString('base64'),
      ]),
    );
    await api.createNamespacedSecret({ namespace, body: { metadata, type: 'Opaque', data } });
  }
}
