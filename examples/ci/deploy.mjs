// @ts-check
// node deploy.mjs CONTEXT VERSION: a deployment step. Credentials come from the job (OIDC, keys, a profile), the cluster
// from the kubeconfig; no `aws` has to be in the image. Exits with 1 and says what to do when it cannot.
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
    data: { version, deployedBy: process.env.GITHUB_ACTOR ?? 'nobody' },
  };
  const exists = await objects.read(release).catch((error) => {
    if (error.code !== 404) throw error;
  });
  await (exists ? objects.replace(release) : objects.create(release));
  console.log(`${cluster.eksAuth?.clusterName}: release ${version} ${exists ? 'replaced' : 'created'}`);
} catch (error) {
  if (!(error instanceof EKSAuthError)) throw error;
  // The form that GitHub shows beside the step.
  console.log(`::error title=${error.code}::${error.message} ${error.remedy}`);
  process.exitCode = 1;
} finally {
  await registry.close();
}
