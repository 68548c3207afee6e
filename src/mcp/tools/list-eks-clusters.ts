import * as z from 'zod';
import { clusterAnswer } from '../cluster-answer.ts';
import { leftOutInWords } from '../operator/left-out.ts';
import { isOfContext } from '../operator/operator-contexts.ts';
import { clusterOutput } from '../schemas.ts';
import { defineTool, type Tool } from '../tool.ts';
import { profileOf } from '../untrusted-config.ts';

const NEXT_STEP =
  'Call register_eks_cluster with the text of a kubeconfig. Or ask the operator to start this server with --trust-kubeconfig and their own kubeconfig.';

/** How many contexts one answer lists. */
const MOST_AVAILABLE = 200;

export const listEKSClusters: Tool = defineTool({
  name: 'list_eks_clusters',
  title: 'List EKS clusters',
  description:
    'Start here: list the registered EKS clusters with the state of their tokens, and the contexts of the operator that register_eks_cluster takes by name.',
  input: z.object({}),
  output: z.object({
    clusters: z.array(clusterOutput).describe('Registered: their cluster_id is what the other tools take'),
    available: z
      .array(
        z.object({
          context: z.string().describe('Pass it to register_eks_cluster as context, without a kubeconfig'),
          cluster_name: z.string(),
          region: z.string().optional(),
          profile: z.string().optional().describe('The AWS profile that the kubeconfig sets'),
        }),
      )
      .describe('Contexts of the operator that are not registered yet'),
    more_available: z
      .number()
      .optional()
      .describe('How many more contexts there are: register_eks_cluster takes them by name, too'),
    missing: z
      .array(z.object({ message: z.string(), remedy: z.string() }))
      .optional()
      .describe('What the operator has opened and this list lacks, and what to ask the operator for'),
    next_step: z.string().optional().describe('What to do where there are neither clusters nor contexts'),
  }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  async run(_, { clusters, words }) {
    const registered = clusters.list();
    const { contexts: all, leftOut } = clusters.operator;
    const contexts = all.filter(
      (context) => !context.isRefused && !registered.some((cluster) => isOfContext(cluster, context)),
    );
    const missing = [...leftOutInWords(leftOut)];
    const more = contexts.length - MOST_AVAILABLE;
    return {
      clusters: registered.map((cluster) => clusterAnswer(cluster, words)),
      available: contexts.slice(0, MOST_AVAILABLE).map(({ selected, config }) => {
        const { clusterName, clusterId, region } = config;
        const profile = profileOf(config);
        return {
          context: words.show(selected.context.name),
          cluster_name: words.show(clusterName ?? clusterId ?? ''),
          ...(region !== undefined && { region: words.show(region) }),
          ...(profile !== undefined && { profile: words.show(profile) }),
        };
      }),
      ...(more > 0 && { more_available: more }),
      ...(missing.length > 0 && { missing }),
      ...(registered.length + contexts.length + missing.length === 0 && { next_step: NEXT_STEP }),
    };
  },
});
