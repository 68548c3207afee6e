// @ts-check
// Lists the pods of all contexts in your kubeconfig, in parallel.
import { CoreV1Api } from '@kubernetes/client-node';
import { ClusterRegistry } from 'ekspress';

const registry = new ClusterRegistry();
try {
  const { registered, failed } = await registry.registerAll();
  for (const { context, error } of failed)
    console.error(`${context}: ${error.code} ${error.message}\n  ${error.remedy}`);

  const results = await Promise.allSettled(
    registered.map(async (cluster) => {
      const { items } = await cluster.makeApiClient(CoreV1Api).listPodForAllNamespaces();
      return items.map(({ metadata }) => `${metadata?.namespace}/${metadata?.name}`);
    }),
  );
  for (const [index, result] of results.entries()) {
    const id = registered[index]?.id;
    if (result.status === 'fulfilled')
      console.log(`${id}: ${result.value.length} pods\n  ${result.value.join('\n  ')}`);
    else console.error(`${id}: ${result.reason.code ?? ''} ${result.reason.message}\n  ${result.reason.remedy ?? ''}`);
  }
} finally {
  await registry.close();
}
