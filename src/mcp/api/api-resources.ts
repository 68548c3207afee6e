import type { Cluster } from '../../cluster/clients/cluster.ts';
import { AnswerLimit, askServer, fieldOf, listOf, RefusedByServer, textsOf, UnusableAnswer } from './ask-server.ts';

/** A resource as an access review names it. */
export interface NamedResource {
  readonly group: string;
  readonly resource: string;
  /** Whether the API server serves it. A name that it does not serve is asked about as it is, as kubectl does. */
  readonly known: boolean;
  /** Whether the API server listed all that could have had the name. */
  readonly complete: boolean;
  /** Whether it is not in a namespace, as nodes are not. */
  readonly isClusterScoped: boolean;
  /** Whether it has this subresource. */
  hasSubresource(name: string): boolean;
}

/** A resource of the API, with the other names that it has. */
interface ServedResource {
  readonly group: string;
  readonly name: string;
  readonly names: readonly string[];
  readonly isClusterScoped: boolean;
}

/** What an API server has listed. */
interface Discovered {
  readonly resources: readonly ServedResource[];
  /** As `pods/log`, with the group in front: `/pods/log`, `apps/deployments/scale`. */
  readonly subresources: ReadonlySet<string>;
  /** The groups whose list the API server did not give. */
  readonly missing: readonly string[];
}

/** Subresources that are in rules and that no API server lists. */
const UNLISTED = /^(\*|finalizers)$/;
const UNLISTED_OF_NODES = /^(metrics|log|stats|spec|configz|healthz|pods|checkpoint)$/;

/** Kubernetes allows more hyphens and labels. */
const RESOURCE = /^(?=.{1,63}$)[a-z][a-z0-9]*(?:-[a-z0-9]+){0,2}$/;
const GROUP = /^$|^(?=.{1,100}$)[a-z0-9]+(?:-[a-z0-9]+)?(?:\.[a-z0-9]+(?:-[a-z0-9]+)?){0,4}$/;
const VERSION = /^v[a-z0-9]{1,20}$/;

/** How long the resources of an API server are remembered, in milliseconds. */
const REMEMBERED_MS = 5 * 60_000;
/** How many versions of groups are asked for at most, and how many at once. */
const MAX_VERSIONS = 1_000;
const AT_ONCE = 8;

const remembered = new WeakMap<Cluster, { readonly at: number; readonly resources: Promise<Discovered> }>();

/**
 * The resource that a name stands for, as `kubectl auth can-i` resolves it: `deploy`, `deployment`, `deployments` and
 * `deployments.apps` are deployments of the group apps. The first group of the API server that has the name counts.
 */
export async function resolveResource(
  cluster: Cluster,
  { resource, group }: { readonly resource: string; readonly group?: string | undefined },
  signal: AbortSignal,
): Promise<NamedResource> {
  if (resource === '*')
    return {
      resource,
      group: group ?? '*',
      known: true,
      complete: true,
      isClusterScoped: false,
      hasSubresource: () => true,
    };
  const [wanted = '', ...rest] = resource.toLowerCase().split('.');
  const inName = rest.join('.').replace(/^v\d+((alpha|beta)\d+)?(\.|$)/, '');
  const wantedGroup = group ?? (rest.length > 0 ? inName : undefined);
  const { resources, subresources, missing } = await resourcesOf(cluster, signal);
  const named = resources.filter(({ names }) => names.includes(wanted));
  const found =
    wantedGroup === undefined
      ? named[0]
      : (named.find((one) => one.group === wantedGroup) ??
        named.find((one) => wantedGroup !== '' && one.group.startsWith(wantedGroup)));
  const one = found ? { group: found.group, resource: found.name } : { group: group ?? inName, resource: wanted };
  return {
    ...one,
    known: found !== undefined,
    isClusterScoped: found?.isClusterScoped === true,
    complete: !missing.some((name) => wantedGroup === undefined || name.startsWith(wantedGroup)),
    hasSubresource(name) {
      // An API server that lists no subresources at all says nothing of this one.
      if (subresources.size === 0 || UNLISTED.test(name)) return true;
      if (one.group === '' && one.resource === 'nodes' && UNLISTED_OF_NODES.test(name)) return true;
      return subresources.has(`${one.group}/${one.resource}/${name}`);
    },
  };
}

function resourcesOf(cluster: Cluster, signal: AbortSignal): Promise<Discovered> {
  const known = remembered.get(cluster);
  if (known && Date.now() - known.at < REMEMBERED_MS) return known.resources;
  const resources = discover(cluster, signal);
  remembered.set(cluster, { at: Date.now(), resources });
  const forget = (): void => void remembered.delete(cluster);
  // What was not listed is asked for again.
  resources.then(({ missing }) => missing.length > 0 && forget(), forget);
  return resources;
}

/**
 * All resources: the core group first, then the groups in the order of the API server.
 * @throws UnusableAnswer where there are more groups or longer answers than are read
 */
async function discover(cluster: Cluster, signal: AbortSignal): Promise<Discovered> {
  const question = { signal, limit: new AnswerLimit() };
  // Both are waited for at once: a rejection that is waited for later would end the process.
  const [core, groups] = await Promise.all([
    askServer(cluster, '/api/v1', question),
    askServer(cluster, '/apis', question),
  ]);
  const versions = versionsOf(groups);
  if (versions.length > MAX_VERSIONS) {
    throw new UnusableAnswer(`The API server has more than ${MAX_VERSIONS} versions of API groups.`);
  }
  const lists: ServedResource[][] = [servedIn('', core)];
  const subresources = new Set(subresourcesIn('', core));
  const missing: string[] = [];
  let next = 0;
  const askOnwards = async (): Promise<void> => {
    for (let at = next++; at < versions.length; at = next++) {
      const { group, version } = versions[at] as GroupVersion;
      // The server of an aggregated API may be down. The other groups are still known.
      const list = await askServer(cluster, `/apis/${group}/${version}`, question).catch((error: unknown) => {
        if (!(error instanceof RefusedByServer)) throw error;
        if (error.code !== 404) missing.push(group);
        return undefined;
      });
      lists[at + 1] = servedIn(group, list);
      for (const name of subresourcesIn(group, list)) subresources.add(name);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, askOnwards));
  return { resources: lists.flat(), subresources, missing };
}

interface GroupVersion {
  readonly group: string;
  readonly version: string;
}

/** The versions of the groups, the preferred one of a group first: a resource may be served in another one only. */
function versionsOf(answer: unknown): readonly GroupVersion[] {
  return listOf(fieldOf(answer, 'groups')).flatMap((one) => {
    const group = fieldOf(one, 'name');
    if (typeof group !== 'string' || group === '' || !GROUP.test(group)) return [];
    const all = [fieldOf(one, 'preferredVersion'), ...listOf(fieldOf(one, 'versions'))];
    const names = new Set(textsOf(all.map((each) => fieldOf(each, 'version'))));
    return [...names].filter((version) => VERSION.test(version)).map((version) => ({ group, version }));
  });
}

function subresourcesIn(group: string, list: unknown): string[] {
  const names = textsOf(listOf(fieldOf(list, 'resources')).map((one) => fieldOf(one, 'name')));
  return names.filter((name) => name.includes('/')).map((name) => `${group}/${name}`);
}

/** The resources in a list. Subresources, and names that Kubernetes does not allow, are left out. */
function servedIn(group: string, list: unknown): ServedResource[] {
  return listOf(fieldOf(list, 'resources')).flatMap((one) => {
    const name = fieldOf(one, 'name');
    if (typeof name !== 'string' || !RESOURCE.test(name)) return [];
    const [singular = ''] = textsOf([fieldOf(one, 'singularName')]);
    const [kind = ''] = textsOf([fieldOf(one, 'kind')]);
    const names = [name, singular || kind.toLowerCase(), ...textsOf(fieldOf(one, 'shortNames'))];
    return [{ group, name, names, isClusterScoped: fieldOf(one, 'namespaced') === false }];
  });
}
