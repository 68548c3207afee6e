import { randomInt } from 'node:crypto';
import type { ResourceCall } from './call.ts';
import { isJSONObject, type JSONObject, type KubernetesObject, stringAt, valueAt } from './objects.ts';
import { type ResourceType, resourceType } from './resource-types.ts';
import { badRequest, type FieldCause, invalid, StatusError } from './status-error.ts';
import type { ObjectStore } from './store.ts';

/** Kubernetes' alphabet for generated names, without vowels and look-alikes. */
const GENERATED = 'bcdfghjklmnpqrstvwxz2456789';
const LABEL = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
const KEPT_NAMESPACES = ['default', 'kube-public', 'kube-system'];

/** The content to store for a posted object. Throws 400, 404 or 422. */
export function prepareCreation(call: ResourceCall, store: ObjectStore): { name: string; content: JSONObject } {
  const { type, namespace } = call;
  const posted = objectOf(call);
  checkKind(posted, type);
  checkNamespace(posted, namespace);
  if (namespace !== undefined) store.get(resourceType('namespaces') as ResourceType, undefined, namespace);
  const name = nameOf(posted);
  checkFields(type, name, posted);
  // The status is set through the subresource only.
  const { status: _status, ...spec } = posted;
  return { name, content: type.defaults({ ...spec, metadata: userMetadata(posted) }, name) };
}

/** The new content of a stored object, from the body of a PUT or the result of a PATCH. Throws 400 or 422. */
export function prepareUpdate(call: ResourceCall, current: KubernetesObject, next: JSONObject): JSONObject {
  const { type } = call;
  checkKind(next, type);
  checkNamespace(next, call.namespace);
  const name = stringAt(next, 'metadata', 'name') ?? current.metadata.name;
  if (name !== current.metadata.name)
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${call.name})`);
  if (call.subresource === 'status') return { ...current, status: next.status };
  checkFields(type, name, next);
  return { ...next, metadata: userMetadata(next), ...(current.status === undefined ? {} : { status: current.status }) };
}

/** The body as an object. Throws 400. */
export function objectOf({ body }: ResourceCall): JSONObject {
  if (!isJSONObject(body)) throw badRequest('the body of the request is not an object');
  return body;
}

/** Throws 403 for the namespaces that cannot be deleted. */
export function checkDeletion(type: ResourceType, name: string): void {
  if (type.plural !== 'namespaces' || !KEPT_NAMESPACES.includes(name)) return;
  const message = `namespaces "${name}" is forbidden: this namespace may not be deleted`;
  throw new StatusError(403, 'Forbidden', message, { name, kind: type.plural });
}

function checkKind(object: JSONObject, type: ResourceType): void {
  const { kind = type.kind, apiVersion = 'v1' } = object;
  if (kind === type.kind && apiVersion === 'v1') return;
  throw badRequest(`${String(kind)} in version "${String(apiVersion)}" cannot be handled as a ${type.kind}`);
}

function checkNamespace(object: JSONObject, namespace: string | undefined): void {
  const named = stringAt(object, 'metadata', 'namespace');
  if (named === undefined || named === '' || named === namespace) return;
  throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
}

function nameOf(object: JSONObject): string {
  const name = stringAt(object, 'metadata', 'name');
  const prefix = stringAt(object, 'metadata', 'generateName');
  if (name || !prefix) return name ?? '';
  return prefix + Array.from({ length: 5 }, () => GENERATED[randomInt(GENERATED.length)]).join('');
}

function checkFields(type: ResourceType, name: string, object: JSONObject): void {
  const causes = [...nameCauses(type, name), ...labelCauses(object), ...type.validate(object)];
  if (causes.length > 0) throw invalid(type, name, causes);
}

function nameCauses(type: ResourceType, name: string): readonly FieldCause[] {
  const field = 'metadata.name';
  if (name === '')
    return [{ reason: 'FieldValueRequired', field, message: 'Required value: name or generateName is required' }];
  const [kind, pattern, limit] = type.namespaced
    ? (['subdomain', SUBDOMAIN, 253] as const)
    : (['label', LABEL, 63] as const);
  if (pattern.test(name) && name.length <= limit) return [];
  const rule = `a lowercase RFC 1123 ${kind} must consist of lower case alphanumeric characters, '-' or '.', at most ${limit}`;
  return [{ reason: 'FieldValueInvalid', field, message: `Invalid value: "${name}": ${rule}` }];
}

function labelCauses(object: JSONObject): readonly FieldCause[] {
  return ['labels', 'annotations'].flatMap((what) => {
    const values = valueAt(object, 'metadata', what) ?? {};
    const wrong = isJSONObject(values)
      ? Object.entries(values).filter(([, value]) => typeof value !== 'string')
      : [['', '']];
    return wrong.map(([key]): FieldCause => {
      return {
        reason: 'FieldValueInvalid',
        field: `metadata.${what}`,
        message: `Invalid value: "${key}": must be a string`,
      };
    });
  });
}

/** Metadata without the fields that only the server sets. */
function userMetadata(object: JSONObject): JSONObject {
  const metadata = isJSONObject(object.metadata) ? object.metadata : {};
  const { uid, resourceVersion, creationTimestamp, deletionTimestamp, selfLink, managedFields, ...kept } = metadata;
  return kept;
}
