import * as z from 'zod';
import { resolveResource } from '../api/api-resources.ts';
import { mayI, whoAmI } from '../api/api-server.ts';
import { UnusableAnswer } from '../api/ask-server.ts';
import { isPluralOf, isWellKnownGroup, isWellKnownResource } from '../api/kubernetes-words.ts';
import { clusterIdInput, textInput } from '../schemas.ts';
import { shownIdentity } from '../shown-identity.ts';
import { defineTool, type Tool } from '../tool.ts';

const FORM = /^[A-Za-z0-9*/][A-Za-z0-9*._/:-]*$/;
/** A verb, resource (with subresource), path, group or name of the Kubernetes API. */
const word = (what: string): z.ZodString =>
  textInput(`one ${what} without blanks and commas, or leave it out`, { form: FORM });

const VERBS: ReadonlySet<string> = new Set(
  '* get list watch create update patch delete deletecollection use bind escalate impersonate approve sign attest'.split(
    ' ',
  ),
);
/** The version behind a group, as in `apiVersion`: `apps/v1`, and `v1` of the core group. */
const VERSION = /(^|\/)v\d+((alpha|beta)\d+)?$/;
const PATH_VERBS: ReadonlySet<string> = new Set('* get post put patch delete head options'.split(' '));

const NOTES = {
  verb: 'Kubernetes has no verb of this name: it has get, list, watch, create, update, patch, delete. A program in a pod is run by create of pods/exec.',
  pathVerb: 'Paths have other verbs: get, post, put, patch, delete, head, options.',
  resource: 'The API server has no resource of this name.',
  clusterScoped:
    'This resource is not in a namespace, so its requests name none: call check_access again without namespace.',
  unlisted: 'The API server did not list the resources of this group: the name of the resource was not checked.',
  subresource:
    'The API server has no subresource of this name. After the slash stands a subresource; the name of an object is passed as name.',
  incomplete: 'The API server could not evaluate all of its rules: the answer may be incomplete.',
};

/** The notes that apply, in one text. */
function noted(notes: readonly (string | false)[]): { readonly note?: string } {
  const all = notes.filter((note) => note !== false);
  return all.length === 0 ? {} : { note: all.join(' ') };
}

/** A short name stands for another word, so a guess would be the answer to another question. */
function unresolved(): UnusableAnswer {
  return new UnusableAnswer(
    'The resource could not be resolved: the API server did not list the resources of all its groups.',
    'Call check_access again, or with the full name of the resource and its group, such as deployments and apps.',
  );
}

export const checkAccess: Tool = defineTool({
  name: 'check_access',
  title: 'Check access to an EKS cluster',
  description:
    'Ask the API server which identity it sees and, with verb and resource, whether that identity is allowed to do something. Names of resources are resolved as `kubectl auth can-i` does it. Changes nothing.',
  input: z.object({
    cluster_id: clusterIdInput,
    verb: word('verb').optional().describe('get, list, watch, create, update, patch, delete or *; default: get'),
    resource: word('resource or path')
      .optional()
      .describe(
        'pods, deployments, deploy, deployments.apps, or a path such as /healthz. After a slash: a subresource, as pods/log or pods/exec (kubectl --subresource); kubectl takes it for a name, which is passed here as name',
      ),
    group: textInput('one API group, such as apps, or leave it out', { form: /^$|^[A-Za-z0-9*][A-Za-z0-9*._/-]*$/ })
      .optional()
      .describe('API group of the resource, empty for the core group; default: the group in which the cluster has it'),
    namespace: word('namespace').optional().describe('Default: all namespaces'),
    name: word('name of an object').optional().describe('Default: any name'),
  }),
  output: z.object({
    cluster_id: z.string(),
    username: z
      .string()
      .optional()
      .describe(
        'Absent if the API server does not tell it (Kubernetes before 1.28). Names that only the API server says are (not shown)',
      ),
    groups: z.array(z.string()).optional().describe('Absent where username is absent'),
    arn: z.string().optional().describe('The AWS identity, if the API server reports it'),
    note: z.string().optional().describe('Why a part of the answer is missing'),
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
  async run({ cluster_id, resource, ...ofAction }, context) {
    const { verb: given = 'get', group: inGroup, namespace, name } = ofAction;
    const { clusters, words, signal } = context;
    const cluster = clusters.get(cluster_id);
    // Verbs of Kubernetes are in lower case, and rules are compared as they are.
    const verb = given.toLowerCase();
    const group = inGroup === 'core' ? '' : inGroup?.replace(VERSION, '');
    const { username, groups, arn, note } = await shownIdentity(await whoAmI(cluster, signal), cluster, context);
    const isPath = resource?.startsWith('/') === true;
    const needed = resource === undefined ? [] : isPath ? ['verb'] : Object.keys(ofAction);
    const unused = Object.entries(ofAction).filter(([name, value]) => value !== undefined && !needed.includes(name));
    const names = unused.map(([argument]) => argument).join(', ');
    const why = isPath ? 'a path has none of it.' : 'call check_access again with a resource.';
    const identity = {
      cluster_id,
      ...(groups !== undefined && { groups: [...groups] }),
      ...(username !== undefined && { username }),
      ...(arn !== undefined && { arn }),
      ...noted([note ?? false, names !== '' && `Nothing was asked about ${names}: ${why}`]),
    };
    if (resource === undefined) return identity;
    if (isPath) {
      const { allowed, complete } = await mayI(cluster, { verb, resource }, signal);
      const notes = [!PATH_VERBS.has(verb) && NOTES.pathVerb, !complete && NOTES.incomplete];
      return { ...identity, action: { verb, resource, allowed, ...noted(notes) } };
    }
    const [main = '', ...rest] = resource.split('/');
    const named = await resolveResource(cluster, { resource: main, group }, signal);
    if (!named.known && !named.complete && group === undefined && !main.includes('.')) throw unresolved();
    const asked = { verb, resource: [named.resource, ...rest].join('/'), group: named.group };
    const { allowed, complete } = await mayI(cluster, { ...asked, namespace, name }, signal);
    const notes = [
      !VERBS.has(verb) && NOTES.verb,
      !named.known && (named.complete ? NOTES.resource : NOTES.unlisted),
      namespace !== undefined && named.isClusterScoped && NOTES.clusterScoped,
      named.known && rest.length > 0 && !named.hasSubresource(rest.join('/')) && NOTES.subresource,
      !complete && NOTES.incomplete,
    ];
    // A name of the API server is passed on only if it is the model's or Kubernetes's own.
    const said = main.toLowerCase().split('.', 1)[0] ?? '';
    const mayShow =
      isWellKnownResource(named.resource) || isPluralOf(named.resource, said) || words.has(named.resource);
    const isSaid = main.toLowerCase().endsWith(`.${named.group}`);
    const groupShown = isSaid || isWellKnownGroup(named.group) ? named.group : words.show(named.group);
    return {
      ...identity,
      action: {
        verb,
        resource: [mayShow ? named.resource : said, ...rest].join('/'),
        group: groupShown,
        ...(namespace !== undefined && { namespace }),
        allowed,
        ...noted(notes),
      },
    };
  },
});
