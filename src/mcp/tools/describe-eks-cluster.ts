import * as z from 'zod';
import { refusalOf } from '../api/refused-token.ts';
import { clusterAnswer } from '../cluster-answer.ts';
import { clusterIdInput, clusterOutput, failureOutput } from '../schemas.ts';
import { defineTool, type Tool } from '../tool.ts';
import { describeFailure } from '../tool-failure.ts';

export const describeEKSCluster: Tool = defineTool({
  name: 'describe_eks_cluster',
  title: 'Describe an EKS cluster',
  description:
    'Describe one registered EKS cluster: its names, the origin of its token, the number of tokens made, and the last failure with its remedy. Makes no network calls.',
  input: z.object({ cluster_id: clusterIdInput }),
  output: clusterOutput.extend({
    token_source: z
      .enum(['cache', 'mint', 'exec', 'fleet', 'provider'])
      .optional()
      .describe('The origin of the token in memory'),
    refreshing: z.boolean(),
    tokens_obtained: z.number().describe('Since the cluster was registered'),
    failures: z.number(),
    last_failure: failureOutput.optional(),
  }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  async run({ cluster_id }, { clusters, words }) {
    const cluster = clusters.get(cluster_id);
    const described = clusterAnswer(cluster, words);
    const status = cluster.tokenManager?.status();
    const { mint = 0, exec = 0, cache = 0, failed = 0 } = status?.counts ?? {};
    const last = status?.lastError ?? refusalOf(cluster);
    return {
      ...described,
      ...(status?.source !== undefined && { token_source: status.source }),
      refreshing: status?.refreshing ?? false,
      tokens_obtained: mint + exec + cache,
      failures: failed,
      ...(last && { last_failure: describeFailure(last, clusters.host.logger, words) }),
    };
  },
});
