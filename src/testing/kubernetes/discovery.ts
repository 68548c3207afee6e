import type { JSONObject } from './objects.ts';
import { RESOURCE_TYPES, RESOURCE_VERBS } from './resource-types.ts';
import { REVIEW_TYPES, type ReviewType } from './reviews.ts';

/** A body with its media type. */
export interface DiscoveryAnswer {
  readonly contentType: string;
  readonly body: JSONObject;
}

/** The version of this server. The suffix distinguishes it from a real one. */
export const KUBERNETES_VERSION: JSONObject = {
  major: '1',
  minor: '33',
  gitVersion: 'v1.33.5-eks-local',
  gitCommit: '0000000000000000000000000000000000000000',
  gitTreeState: 'clean',
  buildDate: '2025-10-01T00:00:00Z',
  goVersion: 'go1.24.6',
  compiler: 'gc',
  platform: 'linux/amd64',
};

/** Answers `/version` and the discovery paths below `/api` and `/apis`. Undefined for any other path. */
export function discover(path: string, accept: string): DiscoveryAnswer | undefined {
  if (path === '/version') return plain(KUBERNETES_VERSION);
  if (path === '/api') return aggregated(accept, coreDiscovery) ?? plain(legacyCore());
  if (path === '/apis') return aggregated(accept, groupDiscoveries) ?? plain(legacyGroups());
  if (path === '/api/v1') return plain(legacyResources('v1', coreResources()));
  const [, group = '', version] = /^\/apis\/([^/]+)(?:\/([^/]+))?$/.exec(path) ?? [];
  const types = REVIEW_TYPES.filter((type) => type.group === group);
  const [first] = types;
  if (first === undefined) return undefined;
  if (version === undefined) return plain({ kind: 'APIGroup', apiVersion: 'v1', ...legacyGroup(group) });
  const served = types.filter(({ versions }) => versions.includes(version));
  return served.length === 0 ? undefined : plain(legacyResources(`${group}/${version}`, served.map(legacyReview)));
}

function plain(body: JSONObject): DiscoveryAnswer {
  return { contentType: 'application/json', body };
}

/** Aggregated discovery (kubectl 1.27 and later): one answer for all groups, in the client's preferred version. */
function aggregated(accept: string, items: () => readonly JSONObject[]): DiscoveryAnswer | undefined {
  for (const part of accept.replaceAll(' ', '').split(',')) {
    const version = /;v=(v2|v2beta1)(;|$)/.exec(part)?.[1];
    if (
      version === undefined ||
      !part.includes(';g=apidiscovery.k8s.io') ||
      !part.includes(';as=APIGroupDiscoveryList')
    )
      continue;
    return {
      contentType: `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
      body: {
        kind: 'APIGroupDiscoveryList',
        apiVersion: `apidiscovery.k8s.io/${version}`,
        metadata: {},
        items: items(),
      },
    };
  }
  return undefined;
}

function coreDiscovery(): readonly JSONObject[] {
  const resources = RESOURCE_TYPES.map((type) => ({
    resource: type.plural,
    responseKind: { group: '', version: 'v1', kind: type.kind },
    scope: type.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: type.singular,
    verbs: RESOURCE_VERBS,
    shortNames: type.shortNames,
    categories: type.categories,
  }));
  return [{ metadata: { creationTimestamp: null }, versions: [{ version: 'v1', resources, freshness: 'Current' }] }];
}

function groupDiscoveries(): readonly JSONObject[] {
  return groupNames().map((name) => ({
    metadata: { name, creationTimestamp: null },
    versions: versionsOf(name).map((version) => ({
      version,
      resources: typesIn(name, version).map((type) => ({
        resource: type.plural,
        responseKind: { group: name, version, kind: type.kind },
        scope: 'Cluster',
        singularResource: type.singular,
        verbs: ['create'],
      })),
      freshness: 'Current',
    })),
  }));
}

function legacyCore(): JSONObject {
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
}

function legacyGroups(): JSONObject {
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groupNames().map(legacyGroup) };
}

function legacyGroup(name: string): JSONObject {
  const versions = versionsOf(name).map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions, preferredVersion: versions[0] };
}

function legacyResources(groupVersion: string, resources: readonly JSONObject[]): JSONObject {
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources };
}

function coreResources(): readonly JSONObject[] {
  return RESOURCE_TYPES.map((type) => ({
    name: type.plural,
    singularName: type.singular,
    namespaced: type.namespaced,
    kind: type.kind,
    verbs: RESOURCE_VERBS,
    shortNames: type.shortNames,
    categories: type.categories,
  }));
}

function legacyReview(type: ReviewType): JSONObject {
  return { name: type.plural, singularName: type.singular, namespaced: false, kind: type.kind, verbs: ['create'] };
}

function groupNames(): readonly string[] {
  return [...new Set(REVIEW_TYPES.map(({ group }) => group))];
}

function versionsOf(group: string): readonly string[] {
  return [...new Set(REVIEW_TYPES.filter((type) => type.group === group).flatMap(({ versions }) => versions))];
}

function typesIn(group: string, version: string): readonly ReviewType[] {
  return REVIEW_TYPES.filter((type) => type.group === group && type.versions.includes(version));
}
