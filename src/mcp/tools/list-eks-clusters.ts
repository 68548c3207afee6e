import * as z from 'zod';
import { clusterAnswer } from '../cluster-answer.ts';
import { clusterOutput } from '../schemas.ts';
import { defineTool, type Tool } from '../tool.ts';

export const listEKSClusters: Tool = defineTool({
  name: 'list_eks_clusters',
  title: 'List EKS clusters',
  description: 'List the registered EKS clusters with the state of their tokens, but never the tokens themselves.',
  input: z.object({}),
  output: z.object({ clusters: z.array(clusterOutput) }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  async run(_, { clusters }) {
    return { clusters: clusters.list().map(clusterAnswer) };
  },
});
