import * as z from 'zod';
import { describeCluster } from '../describe-cluster.ts';
import { clusterOutput } from '../schemas.ts';
import { defineTool, type Tool } from '../tool.ts';

export const listEKSClusters: Tool = defineTool({
  name: 'list_eks_clusters',
  title: 'List EKS clusters',
  description: 'The registered EKS clusters, with the state of their tokens (never the tokens).',
  input: z.object({}),
  output: z.object({ clusters: z.array(clusterOutput) }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  async run(_, { desk }) {
    return { clusters: desk.list().map(describeCluster) };
  },
});
