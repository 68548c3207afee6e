import * as z from 'zod';
import { resolveResource } from '../api/api-resources.ts';
import { mayI, whoAmI } from '../api/api-server.ts';
import { isPluralOf, isWellKnownGroup, isWellKnownResource } from '../api/kubernetes-words.ts';
import { clusterIdInput } from '../schemas.ts';
import { shownIdentity } from '../shown-identity.ts';
import { defineTool, type Tool } from '../tool.ts';

/** A verb, resource (with subresource), path, group or name of the Kubernetes API. */
const word = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[A-Za-z0-9*/][A-Za-z0-9*._/:-]*$/);

export const checkAccess: Tool = defineTool({
  name: 'check_access',
  title: 'Check access to an EKS cluster',
  description:
    'Ask the API server which identity it sees and, with verb and resource, whether that identity is allowed to do something. Names of resources are resolved as `kubectl auth can-i` does it. Changes nothing.',
  input: z.object({
    cluster_id: clusterIdInput,
    verb: word.optional().describe('get, list, watch, create, update, patch, delete or *; default: get'),
    resource: word
      .optional()
      .describe('pods, deployments, deploy, deployments.apps, pods/log (a subresource), or a path such as /healthz'),
    group: word.optional().describe('API group of the resource; default: the group in which the cluster has it'),
    namespace: word.optional().describe('Default: all namespaces'),
    name: word.optional().describe('Default: any name'),
  }),
  output: z.object({
    cluster_id: z.string(),
    username: z
      .string()
      .optional()
      .describe(
        'Absent if the API server does not tell it (Kubernetes before 1.28). Names that only the API server says are (not shown)',
      ),
    groups: z.array(z.string()),
    arn: z.string().optional().describe('The AWS identity, if the API server reports it'),
    action: z
      .object({
        verb: z.string(),
        resource: z.string().describe('The resource that was asked about'),
        group: z.string().optional().describe('Its API group; empty for the core group'),
        namespace: z.string().optional(),
        allowed: z.boolean(),
        note: z.string().optional(),
      })
      .optional(),
  }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: true },
  async run({ cluster_id, verb = 'get', resource, group, namespace, name }, context) {
    const { clusters, words, signal } = context;
    const cluster = clusters.get(cluster_id);
    const { username, groups, arn } = await shownIdentity(await whoAmI(cluster, signal), cluster, context);
    const identity = {
      cluster_id,
      groups: [...groups],
      ...(username !== undefined && { username }),
      ...(arn !== undefined && { arn }),
    };
    if (resource === undefined) return identity;
    if (resource.startsWith('/')) {
      return { ...identity, action: { verb, resource, allowed: await mayI(cluster, { verb, resource }, signal) } };
    }
    const [main = '', ...rest] = resource.split('/');
    const named = await resolveResource(cluster, { resource: main, group }, signal);
    const asked = { verb, resource: [named.resource, ...rest].join('/'), group: named.group };
    const allowed = await mayI(cluster, { ...asked, namespace, name }, signal);
    // A name of the API server is passed on only if it is the model's or Kubernetes's own.
    const said = main.toLowerCase().split('.', 1)[0] ?? '';
    const mayShow =
      isWellKnownResource(named.resource) || isPluralOf(named.resource, said) || words.has(named.resource);
    const groupShown = isWellKnownGroup(named.group) ? named.group : words.show(named.group);
    return {
      ...identity,
      action: {
        verb,
        resource: [mayShow ? named.resource : said, ...rest].join('/'),
        group: groupShown,
        ...(namespace !== undefined && { namespace }),
        allowed,
        ...(!named.known && { note: 'The API server has no resource of this name.' }),
      },
    };
  },
});
