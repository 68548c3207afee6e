// @ts-check
// An MCP server of your own with the EKS tools in it, and one more tool that uses the same clusters.
import { CoreV1Api } from '@kubernetes/client-node';
import { McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { ClusterRegistry } from 'ekspress';
import { createEKSTools } from 'ekspress/mcp';
import { z } from 'zod';

// The operator's clusters: a model can use them, and cannot unregister them.
const registry = new ClusterRegistry();
await registry.registerAll();
const eks = createEKSTools({ registry });

serveStdio(() => {
  const server = new McpServer({ name: 'my-platform', version: '1.0.0' });
  eks.addTo(server);
  server.registerTool(
    'count_pods',
    {
      description: 'How many pods a namespace of a registered cluster has',
      inputSchema: z.object({ cluster_id: z.string(), namespace: z.string() }),
      outputSchema: z.object({ pods: z.number() }),
      annotations: { readOnlyHint: true },
    },
    async ({ cluster_id, namespace }) => {
      const cluster = registry.get(cluster_id);
      if (cluster === undefined) throw new Error('There is no such cluster; see list_eks_clusters.');
      const { items } = await cluster.makeApiClient(CoreV1Api).listNamespacedPod({ namespace });
      const counted = { pods: items.length };
      return { content: [{ type: 'text', text: JSON.stringify(counted) }], structuredContent: counted };
    },
  );
  return server;
});
process.stdin.once('close', () => void registry.close());
