import { type ClientNode, loadClientNode } from '../cluster/clients/client-node.ts';
import type { Cluster } from '../cluster/clients/cluster.ts';
import { endedBy } from './ended-by.ts';

/** A resource as an access review names it. */
export interface NamedResource {
  readonly group: string;
  readonly resource: string;
  /** Whether the API server serves it. A name that it does not serve is asked about as it is, as kubectl does. */
  readonly known: boolean;
}

/** A resource of the API, with the other names that it has. */
interface ServedResource {
  readonly group: string;
  readonly name: string;
  readonly names: readonly string[];
}

/** Kubernetes allows more hyphens and labels. So many words could be a sentence. */
const RESOURCE = /^(?=.{1,63}$)[a-z][a-z0-9]*(?:-[a-z0-9]+){0,2}$/;
const GROUP = /^$|^(?=.{1,100}$)[a-z0-9]+(?:-[a-z0-9]+)?(?:\.[a-z0-9]+(?:-[a-z0-9]+)?){0,4}$/;

/** How long the resources of an API server are remembered, in milliseconds. */
const REMEMBERED_MS = 5 * 60_000;

const remembered = new WeakMap<
  Cluster,
  { readonly at: number; readonly resources: Promise<readonly ServedResource[]> }
>();

/**
 * The resource that a name stands for, as `kubectl auth can-i` resolves it: `deploy`, `deployment`, `deployments` and
 * `deployments.apps` are deployments of the group apps. The first group of the API server that has the name counts.
 */
export async function resolveResource(
  cluster: Cluster,
  { resource, group }: { readonly resource: string; readonly group?: string | undefined },
  signal: AbortSignal,
): Promise<NamedResource> {
  if (resource === '*') return { resource, group: group ?? '*', known: true };
  const [wanted = '', ...rest] = resource.toLowerCase().split('.');
  const inName = rest.join('.').replace(/^v\d+((alpha|beta)\d+)?(\.|$)/, '');
  const wantedGroup = group ?? (rest.length > 0 ? inName : undefined);
  const served = await resourcesOf(cluster, signal);
  const named = served.filter(({ names }) => names.includes(wanted));
  const found =
    wantedGroup === undefined
      ? named[0]
      : (named.find((one) => one.group === wantedGroup) ??
        named.find((one) => wantedGroup !== '' && one.group.startsWith(wantedGroup)));
  if (found) return { group: found.group, resource: found.name, known: true };
  return { group: group ?? inName, resource: wanted, known: false };
}

function resourcesOf(cluster: Cluster, signal: AbortSignal): Promise<readonly ServedResource[]> {
  const known = remembered.get(cluster);
  if (known && Date.now() - known.at < REMEMBERED_MS) return known.resources;
  const resources = discover(cluster, signal);
  remembered.set(cluster, { at: Date.now(), resources });
  resources.catch(() => remembered.delete(cluster));
  return resources;
}

/** All resources: the core group first, then the groups in the order of the API server. */
async function discover(cluster: Cluster, signal: AbortSignal): Promise<readonly ServedResource[]> {
  const clientNode = await loadClientNode();
  const options = endedBy(signal, clientNode);
  // Both are waited for at once: a rejection that is waited for later would end the process.
  const [core, { groups }] = await Promise.all([
    cluster.makeApiClient(clientNode.CoreV1Api).getAPIResources({}, options),
    cluster.makeApiClient(clientNode.ApisApi).getAPIVersions({}, options),
  ]);
  const api = cluster.makeApiClient(clientNode.CustomObjectsApi);
  const others = groups.flatMap(({ name: group, versions, preferredVersion }) => {
    // A resource may be served in another version than the preferred one.
    const names = new Set([preferredVersion?.version, ...versions.map(({ version }) => version)]);
    return [...names].map(async (version) => {
      if (version === undefined) return [];
      const list = await api.getAPIResources({ group, version }, options).catch((error: unknown) => {
        // The server of an aggregated API may be down. The other groups are still known.
        signal.throwIfAborted();
        if (!(error instanceof Error)) throw error;
        return { resources: [] };
      });
      return list.resources.map((resource) => toServed(group, resource));
    });
  });
  const lists = [core.resources.map((one) => toServed('', one)), ...(await Promise.all(others))];
  // A model is told the names that are found, so they have the form that Kubernetes requires. Subresources are left out.
  return lists.flat().filter(({ group, name }) => RESOURCE.test(name) && GROUP.test(group));
}

type Resource = Awaited<ReturnType<InstanceType<ClientNode['CoreV1Api']>['getAPIResources']>>['resources'][number];

function toServed(group: string, { name, singularName, kind, shortNames = [] }: Resource): ServedResource {
  const names = [name, singularName || kind.toLowerCase(), ...shortNames];
  return { group, name, names };
}
