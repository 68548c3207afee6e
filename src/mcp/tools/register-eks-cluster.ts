import * as z from 'zod';
import { describeCluster } from '../describe-cluster.ts';
import { clusterIdInput, clusterOutput, contextInput, kubeconfigInput } from '../schemas.ts';
import { defineTool, type Tool } from '../tool.ts';

export const registerEKSCluster: Tool = defineTool({
  name: 'register_eks_cluster',
  title: 'Register an EKS cluster',
  description:
    'Register an AWS EKS cluster with automatic authentication, from the text or the path of its kubeconfig. Nothing is run and no token is made yet. The kubeconfig is checked: it must authenticate by an EKS command, and its server must be the one that AWS or the operator of this tool names for the cluster.',
  input: z.object({
    kubeconfig: kubeconfigInput,
    cluster_id: clusterIdInput
      .optional()
      .describe('Unique cluster identifier; default: the ARN of the cluster where the kubeconfig names it'),
    context: contextInput.optional(),
  }),
  output: clusterOutput,
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  async run({ kubeconfig, cluster_id, context }, { desk, signal }) {
    const cluster = await desk.register({ kubeconfig, clusterId: cluster_id, context });
    // Whoever cancelled does not learn of it: it must not be there either.
    if (signal.aborted) await desk.unregister(cluster.id);
    return describeCluster(cluster);
  },
});
