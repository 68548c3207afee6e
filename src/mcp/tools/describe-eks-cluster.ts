import * as z from 'zod';
import { describeCluster } from '../describe-cluster.ts';
import { describeFailure } from '../failure.ts';
import { clusterIdInput, clusterOutput, failureOutput } from '../schemas.ts';
import { defineTool, type Tool } from '../tool.ts';

export const describeEKSCluster: Tool = defineTool({
  name: 'describe_eks_cluster',
  title: 'Describe an EKS cluster',
  description:
    'One registered EKS cluster: its names, where its token came from, how often tokens were made, and the last failure with its remedy. Contacts nobody.',
  input: z.object({ cluster_id: clusterIdInput }),
  output: clusterOutput.extend({
    token_source: z.enum(['cache', 'mint', 'exec']).optional().describe('Where the token in memory came from'),
    refreshing: z.boolean(),
    tokens_obtained: z.number().describe('Since the cluster was registered'),
    failures: z.number(),
    last_failure: failureOutput.optional(),
  }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  async run({ cluster_id }, { desk }) {
    const cluster = desk.get(cluster_id);
    const described = describeCluster(cluster);
    const status = cluster.tokenManager?.status();
    const { mint = 0, exec = 0, cache = 0, failed = 0 } = status?.counts ?? {};
    return {
      ...described,
      ...(status?.source !== undefined && { token_source: status.source }),
      refreshing: status?.refreshing ?? false,
      tokens_obtained: mint + exec + cache,
      failures: failed,
      ...(status?.lastError && { last_failure: describeFailure(status.lastError, desk.host.logger) }),
    };
  },
});
