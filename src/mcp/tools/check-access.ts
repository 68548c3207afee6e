import * as z from 'zod';
import { mayI, whoAmI } from '../api-server.ts';
import { clusterIdInput } from '../schemas.ts';
import { defineTool, type Tool } from '../tool.ts';

/** A verb, resource (with subresource), group or name of the Kubernetes API. */
const word = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[A-Za-z0-9*][A-Za-z0-9*._/:-]*$/);

export const checkAccess: Tool = defineTool({
  name: 'check_access',
  title: 'Check access to an EKS cluster',
  description:
    'Ask the API server which identity it sees and, with verb and resource, whether that identity is allowed to do something. Changes nothing.',
  input: z.object({
    cluster_id: clusterIdInput,
    verb: word.optional().describe('get, list, watch, create, update, patch, delete or *'),
    resource: word.optional().describe('pods, deployments, pods/log …'),
    group: word.optional().describe('API group of the resource; default: the core group'),
    namespace: word.optional().describe('Default: all namespaces'),
    name: word.optional().describe('Default: any name'),
  }),
  output: z.object({
    cluster_id: z.string(),
    username: z.string(),
    groups: z.array(z.string()),
    arn: z.string().optional().describe('The AWS identity, if the API server reports it'),
    action: z
      .object({ verb: z.string(), resource: z.string(), namespace: z.string().optional(), allowed: z.boolean() })
      .optional(),
  }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: true },
  async run({ cluster_id, verb, resource, group, namespace, name }, { clusters, signal }) {
    const cluster = clusters.get(cluster_id);
    const { username, groups, arn } = await whoAmI(cluster, signal);
    const identity = { cluster_id, username, groups: [...groups], ...(arn !== undefined && { arn }) };
    if (resource === undefined) return identity;
    const asked = verb ?? 'get';
    const allowed = await mayI(cluster, { verb: asked, resource, group, namespace, name }, signal);
    return { ...identity, action: { verb: asked, resource, ...(namespace !== undefined && { namespace }), allowed } };
  },
});
