// @ts-check
// node deploy.mjs CONTEXT VERSION: a deployment step. Credentials come from the job (OIDC, keys, a profile), the
// cluster from the kubeconfig. The image does not need `aws`. After a failure it prints a remedy and exits with 1.
import { KubernetesObjectApi } from '@kubernetes/client-node';
import { ClusterRegistry, EKSAuthError } from 'ekspress';

const [context, version = 'unknown'] = process.argv.slice(2);
const registry = new ClusterRegistry();
try {
  const cluster = await registry.registerEKSByPath(undefined, context === undefined ? {} : { context });
  const objects = KubernetesObjectApi.makeApiClient(cluster.kubeConfig);
  const release = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'release', namespace: 'default' },
    data: { version, deployedBy: process.env.GITHUB_ACTOR ?? 'unknown' },
  };
  const exists = await objects.read(release).catch((error) => {
    if (error.code !== 404) throw error;
  });
  await (exists ? objects.replace(release) : objects.create(release));
  console.log(`${cluster.eksAuth?.clusterName}: release ${version} ${exists ? 'replaced' : 'created'}`);
} catch (error) {
  if (!(error instanceof EKSAuthError)) throw error;
  // GitHub shows messages of this form as annotations.
  console.log(`::error title=${error.code}::${error.message} ${error.remedy}`);
  process.exitCode = 1;
} finally {
  await registry.close();
}
