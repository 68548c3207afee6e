import { checkDeletion, objectOf, prepareCreation, prepareUpdate } from './admission.ts';
import type { APIAnswer, ResourceCall } from './call.ts';
import { isJSONObject, type JSONObject, type KubernetesObject, stringAt, valueAt } from './objects.ts';
import { applyPatch } from './patch.ts';
import { parseSelectors } from './selectors.ts';
import { badRequest, conflict } from './status-error.ts';
import type { ObjectStore } from './store.ts';

/** POST. */
export function createObject(call: ResourceCall, store: ObjectStore): APIAnswer {
  const { name, content } = prepareCreation(call, store);
  return { code: 201, body: store.create(call.type, call.namespace, name, content, { dryRun: isDryRun(call) }) };
}

/** PUT. */
export function replaceObject(call: ResourceCall, store: ObjectStore): APIAnswer {
  return { code: 200, body: write(call, store, stored(call, store), objectOf(call)) };
}

/** PATCH: JSON patch, merge patch, strategic merge patch. */
export function patchObject(call: ResourceCall, store: ObjectStore): APIAnswer {
  const current = stored(call, store);
  if (call.body === undefined) throw badRequest('the body of the request is empty');
  return { code: 200, body: write(call, store, current, applyPatch(current, call.contentType, call.body)) };
}

/** DELETE of one object. */
export function deleteObject(call: ResourceCall, store: ObjectStore): APIAnswer {
  const object = stored(call, store);
  checkDeletion(call.type, object.metadata.name);
  checkPreconditions(call, object);
  store.remove(object, call.type, { dryRun: isDryRun(call) });
  if (call.type.deleteReturnsObject) return { code: 200, body: object };
  const details = { name: object.metadata.name, kind: call.type.plural, uid: object.metadata.uid };
  return { code: 200, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details } };
}

/** DELETE of a list. */
export function deleteObjects(call: ResourceCall, store: ObjectStore): APIAnswer {
  const { type, namespace } = call;
  const matching = store.list(type, namespace).filter(parseSelectors(type, call.url.searchParams));
  for (const { metadata } of matching) checkDeletion(type, metadata.name);
  for (const object of matching) store.remove(object, type, { dryRun: isDryRun(call) });
  const metadata = { resourceVersion: String(store.revision()) };
  return { code: 200, body: { kind: `${type.kind}List`, apiVersion: 'v1', metadata, items: matching } };
}

function stored({ type, namespace, name = '' }: ResourceCall, store: ObjectStore): KubernetesObject {
  return store.get(type, namespace, name);
}

function write(call: ResourceCall, store: ObjectStore, current: KubernetesObject, next: JSONObject): KubernetesObject {
  const expectedVersion = stringAt(next, 'metadata', 'resourceVersion');
  const uid = stringAt(next, 'metadata', 'uid');
  if (uid !== undefined && uid !== current.metadata.uid) throw conflict(call.type, current.metadata.name);
  const content = prepareUpdate(call, current, next);
  return store.update(current, call.type, content, {
    dryRun: isDryRun(call),
    ...(expectedVersion ? { expectedVersion } : {}),
  });
}

function checkPreconditions({ type, body }: ResourceCall, { metadata }: KubernetesObject): void {
  const options = isJSONObject(body) ? body : {};
  const { uid = metadata.uid } = { uid: stringAt(options, 'preconditions', 'uid') };
  const { version = metadata.resourceVersion } = { version: stringAt(options, 'preconditions', 'resourceVersion') };
  if (uid !== metadata.uid || version !== metadata.resourceVersion) throw conflict(type, metadata.name);
}

/** Whether the query, or the DeleteOptions in the body of a DELETE, has `dryRun=All`. */
function isDryRun({ url, body }: ResourceCall): boolean {
  const inBody = isJSONObject(body) && body.kind === 'DeleteOptions' ? valueAt(body, 'dryRun') : undefined;
  return url.searchParams.getAll('dryRun').includes('All') || (Array.isArray(inBody) && inBody.includes('All'));
}
