import * as z from 'zod';
import { clusterAnswer } from '../cluster-answer.ts';
import { clusterOutput, contextInput, kubeconfigInput, newClusterIdInput } from '../schemas.ts';
import { defineTool, type Tool } from '../tool.ts';

export const registerEKSCluster: Tool = defineTool({
  name: 'register_eks_cluster',
  title: 'Register an EKS cluster',
  description:
    'Register an AWS EKS cluster with automatic authentication: a context that list_eks_clusters shows as available, or the text or the path of a kubeconfig. A cluster that is registered already is returned as it is, with the cluster_id that it has. Runs no program and makes no token yet. The kubeconfig must authenticate by an EKS command, and its server must be the one that AWS or the operator of this tool names for the cluster.',
  input: z.object({
    kubeconfig: kubeconfigInput.optional(),
    cluster_id: newClusterIdInput.optional(),
    context: contextInput.optional(),
  }),
  output: clusterOutput.extend({ note: z.string().optional() }),
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  async run({ kubeconfig, cluster_id, context }, { clusters, words, signal }) {
    const cluster = await clusters.register({ kubeconfig, clusterId: cluster_id, context }, { words, signal });
    const answer = clusterAnswer(cluster, words);
    if (cluster_id === undefined || cluster.id === cluster_id) return answer;
    return {
      ...answer,
      note: 'This cluster is registered already. Use its cluster_id, not the one that was asked for.',
    };
  },
});
