import type { BodyAnswer } from './call.ts';
import type { JSONObject } from './objects.ts';
import { RESOURCE_TYPES, type ResourceType } from './resource-types.ts';

// The name that a real server uses, without the "@" that MIME parsers reject.
const OPENAPI_V2_PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

/**
 * The parts of the OpenAPI documents that `kubectl create -f` and `kubectl apply` require. Undefined for any other
 * path.
 */
export function openAPI(path: string): BodyAnswer | undefined {
  switch (path) {
    case '/openapi/v2':
      // For kubectl up to 1.28. An empty document is valid protobuf and has no schemas to check.
      return { code: 200, contentType: OPENAPI_V2_PROTOBUF, body: Buffer.alloc(0) };
    case '/openapi/v3':
      return { code: 200, body: { paths: { 'api/v1': { serverRelativeURL: '/openapi/v3/api/v1' } } } };
    case '/openapi/v3/api/v1':
      return { code: 200, body: coreDocument() };
  }
  return undefined;
}

/** Declares `fieldValidation` for the PATCH of each type, so that kubectl leaves validation to the server. */
function coreDocument(): JSONObject {
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
