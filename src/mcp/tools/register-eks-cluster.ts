import * as z from 'zod';
import { clusterAnswer } from '../cluster-answer.ts';
import { clusterIdInput, clusterOutput, contextInput, kubeconfigInput } from '../schemas.ts';
import { defineTool, type Tool } from '../tool.ts';

export const registerEKSCluster: Tool = defineTool({
  name: 'register_eks_cluster',
  title: 'Register an EKS cluster',
  description:
    'Register an AWS EKS cluster with automatic authentication: a context that list_eks_clusters shows as available, or the text or the path of a kubeconfig. A cluster that is registered already with this cluster_id is returned as it is. Runs no program and makes no token yet. The kubeconfig must authenticate by an EKS command, and its server must be the one that AWS or the operator of this tool names for the cluster.',
  input: z.object({
    kubeconfig: kubeconfigInput.optional(),
    cluster_id: clusterIdInput
      .optional()
      .describe(
        'Unique cluster identifier; default: the ARN of the cluster if the kubeconfig has it, else the context name',
      ),
    context: contextInput.optional(),
  }),
  output: clusterOutput,
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  async run({ kubeconfig, cluster_id, context }, { clusters, words, signal }) {
    const cluster = await clusters.register({ kubeconfig, clusterId: cluster_id, context }, words);
    // The client does not receive the answer of a cancelled call, so the cluster must not stay registered.
    if (signal.aborted) await clusters.unregister(cluster.id);
    return clusterAnswer(cluster, words);
  },
});
