import type { JSONObject } from './objects.ts';
import { RESOURCE_TYPES, type ResourceType } from './resource-types.ts';

/**
 * `/openapi/v3`: as much of it as kubectl reads to learn that the server itself checks fields
 * (`create -f` and `apply` refuse to start without). Undefined for any other path.
 */
export function openAPI(path: string): JSONObject | undefined {
  if (path === '/openapi/v3') return { paths: { 'api/v1': { serverRelativeURL: '/openapi/v3/api/v1' } } };
  if (path !== '/openapi/v3/api/v1') return undefined;
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1' },
    paths: Object.fromEntries(RESOURCE_TYPES.map((type) => [objectPath(type), operations(type)])),
    components: {
      schemas: Object.fromEntries(RESOURCE_TYPES.map((type) => [`io.k8s.api.core.v1.${type.kind}`, schema(type)])),
    },
  };
}

function objectPath({ plural, namespaced }: ResourceType): string {
  return namespaced ? `/api/v1/namespaces/{namespace}/${plural}/{name}` : `/api/v1/${plural}/{name}`;
}

function operations(type: ResourceType): JSONObject {
  return {
    patch: {
      operationId: `patchCoreV1${type.kind}`,
      'x-kubernetes-action': 'patch',
      'x-kubernetes-group-version-kind': groupVersionKind(type),
      parameters: ['dryRun', 'fieldManager', 'fieldValidation'].map((name) => {
        return { name, in: 'query', schema: { type: 'string', uniqueItems: true } };
      }),
      responses: { '200': { description: 'OK' } },
    },
  };
}

function schema(type: ResourceType): JSONObject {
  return {
    type: 'object',
    'x-kubernetes-group-version-kind': [groupVersionKind(type)],
    'x-kubernetes-preserve-unknown-fields': true,
  };
}

function groupVersionKind({ kind }: ResourceType): JSONObject {
  return { group: '', version: 'v1', kind };
}
