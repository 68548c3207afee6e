// @ts-check
// Your own MCP server with the EKS tools and an additional tool that uses the same clusters.
import { CoreV1Api } from '@kubernetes/client-node';
import { McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { ClusterRegistry } from 'ekspress';
import { createEKSTools } from 'ekspress/mcp';
import { z } from 'zod';

// The operator's clusters. A model can use but not unregister them.
const { env } = process;
const registry = new ClusterRegistry({ env });
const { failed } = await registry.registerAll();
for (const { context, error } of failed) console.error(context, error.message, error.remedy);
const eks = await createEKSTools({ registry, env });

serveStdio(() => {
  const server = new McpServer({ name: 'my-platform', version: '1.0.0' }, { instructions: eks.instructions });
  eks.addTo(server);
  server.registerTool(
    'count_pods',
    {
      description: 'Count the pods in a namespace of a registered cluster',
      inputSchema: z.object({ cluster_id: z.string(), namespace: z.string() }),
      outputSchema: z.object({ pods: z.number() }),
      annotations: { readOnlyHint: true },
    },
    async ({ cluster_id, namespace }) => {
      const cluster = registry.get(cluster_id);
      if (cluster === undefined) throw new Error('Unknown cluster; see list_eks_clusters.');
      const { items } = await cluster.makeApiClient(CoreV1Api).listNamespacedPod({ namespace });
      const counted = { pods: items.length };
      return { content: [{ type: 'text', text: JSON.stringify(counted) }], structuredContent: counted };
    },
  );
  return server;
});
process.stdin.once('close', () => void registry.close());
