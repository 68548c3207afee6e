import * as z from 'zod';
import { clusterIdInput } from '../schemas.ts';
import { defineTool, type Tool } from '../tool.ts';

export const unregisterEKSCluster: Tool = defineTool({
  name: 'unregister_eks_cluster',
  title: 'Unregister an EKS cluster',
  description: 'Remove a cluster that register_eks_cluster has registered. The cluster itself is not changed.',
  input: z.object({ cluster_id: clusterIdInput }),
  output: z.object({ cluster_id: z.string(), unregistered: z.boolean() }),
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
  async run({ cluster_id }, { clusters }) {
    await clusters.unregister(cluster_id);
    return { cluster_id, unregistered: true };
  },
});
