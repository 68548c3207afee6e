import type { APIAnswer, ResourceCall } from './call.ts';
import type { JSONObject, KubernetesObject } from './objects.ts';
import { parseSelectors } from './selectors.ts';
import { badRequest } from './status-error.ts';
import type { ObjectStore } from './store.ts';
import { type IncludeObject, toTable, wantsTable } from './table-response.ts';

/** GET of one object. */
export function getObject(call: ResourceCall, store: ObjectStore): APIAnswer {
  const object = store.get(call.type, call.namespace, call.name ?? '');
  if (!wantsTable(call.accept)) return { code: 200, body: object };
  return { code: 200, body: tableOf(call, [object], { resourceVersion: object.metadata.resourceVersion }) };
}

/** GET of a list, in pages if there is a `limit`. */
export function listObjects(call: ResourceCall, store: ObjectStore): APIAnswer {
  const { type, namespace } = call;
  const { searchParams } = call.url;
  const matching = store.list(type, namespace).filter(parseSelectors(type, searchParams));
  const rest = matching.slice(firstAfter(matching, searchParams.get('continue') ?? ''));
  const limit = Number(searchParams.get('limit') ?? 0) || rest.length;
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  const metadata: JSONObject = {
    resourceVersion: String(store.revision()),
    ...(rest.length > limit && last !== undefined
      ? { continue: continueAfter(last), remainingItemCount: rest.length - limit }
      : {}),
  };
  if (wantsTable(call.accept)) return { code: 200, body: tableOf(call, page, metadata) };
  // The items of a list have no apiVersion and kind.
  const items = page.map(({ apiVersion: _apiVersion, kind: _kind, ...item }) => item);
  return { code: 200, body: { kind: `${type.kind}List`, apiVersion: 'v1', metadata, items } };
}

/** GET of a watch. */
export function watchObjects(call: ResourceCall): APIAnswer {
  const { type, namespace } = call;
  const parameters = call.url.searchParams;
  const render = wantsTable(call.accept)
    ? (object: KubernetesObject) => tableOf(call, [object], { resourceVersion: object.metadata.resourceVersion })
    : (object: KubernetesObject) => object;
  return { watch: { type, namespace, selector: parseSelectors(type, parameters), parameters, render } };
}

function tableOf(call: ResourceCall, objects: readonly KubernetesObject[], metadata: JSONObject): JSONObject {
  const asked = call.url.searchParams.get('includeObject');
  const include: IncludeObject = asked === 'None' || asked === 'Object' ? asked : 'Metadata';
  return toTable(call.type, objects, metadata, { include, now: call.now });
}

/** The start of the next page. It is a name, so that it stays valid when objects change between pages. */
function continueAfter({ metadata }: KubernetesObject): string {
  return Buffer.from(JSON.stringify([metadata.namespace ?? '', metadata.name])).toString('base64url');
}

function firstAfter(objects: readonly KubernetesObject[], token: string): number {
  if (token === '') return 0;
  let last: unknown;
  try {
    last = JSON.parse(Buffer.from(token, 'base64url').toString());
  } catch {
    throw badRequest('continue key is not valid');
  }
  if (!Array.isArray(last)) throw badRequest('continue key is not valid');
  const key = last.join('/');
  const index = objects.findIndex(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}` > key);
  return index < 0 ? objects.length : index;
}
