import { mayDo } from './access.ts';
import type { APIAnswer, APICall, ResourceCall, ResourceTarget } from './call.ts';
import { discover } from './discovery.ts';
import { isJSONObject } from './objects.ts';
import { openAPI } from './openapi.ts';
import { getObject, listObjects, watchObjects } from './read-handlers.ts';
import { resourceType } from './resource-types.ts';
import { answerReview, REVIEW_TYPES } from './reviews.ts';
import { badRequest, forbidden, methodNotAllowed, noSuchPath } from './status-error.ts';
import type { ObjectStore } from './store.ts';
import { createObject, deleteObject, deleteObjects, patchObject, replaceObject } from './write-handlers.ts';

type Handler = (call: ResourceCall, store: ObjectStore) => APIAnswer;

const HANDLERS = {
  get: getObject,
  list: listObjects,
  watch: watchObjects,
  create: createObject,
  update: replaceObject,
  patch: patchObject,
  delete: deleteObject,
  deletecollection: deleteObjects,
} as const satisfies Record<string, Handler>;

type Verb = keyof typeof HANDLERS;

/** Answers a request after checking that its user is allowed to make it. Throws StatusError. */
export function answerCall(call: APICall, store: ObjectStore): APIAnswer {
  const path = pathOf(call);
  const target = parseTarget(path);
  if (target !== undefined) return answerResource({ ...call, ...target }, store);
  const review = answerPostedReview(call, path);
  if (review !== undefined) return review;
  if (call.method !== 'GET') throw noSuchPath();
  const discovery = discover(path, call.accept);
  if (discovery !== undefined) return { code: 200, ...discovery };
  const schema = openAPI(path);
  if (schema === undefined) throw noSuchPath();
  return schema;
}

function pathOf({ url }: APICall): string {
  try {
    return decodeURIComponent(url.pathname).replace(/(.)\/$/, '$1');
  } catch {
    throw badRequest('the path is not percent-encoded UTF-8');
  }
}

/** `/api/v1[/namespaces/NAMESPACE]/PLURAL[/NAME[/SUBRESOURCE]]` */
function parseTarget(path: string): ResourceTarget | undefined {
  const [, ...parts] = /^\/api\/v1((?:\/[^/]+){1,5})$/.exec(path)?.[1]?.split('/') ?? [];
  const [first = '', second, third, fourth, fifth] = parts;
  const contained = first === 'namespaces' && third !== undefined ? resourceType(third) : undefined;
  if (contained?.namespaced) return { type: contained, namespace: second, name: fourth, subresource: fifth };
  const type = resourceType(first);
  if (type === undefined || fourth !== undefined) return undefined;
  // Without a namespace, a namespaced resource can only be listed.
  if (type.namespaced && second !== undefined) return undefined;
  return { type, namespace: undefined, name: second, subresource: third };
}

function answerResource(call: ResourceCall, store: ObjectStore): APIAnswer {
  const { type, name, namespace, subresource, user } = call;
  const verb = verbOf(call);
  if (!mayDo(user, { verb, group: '', plural: type.plural })) {
    throw forbidden(user.username, verb, type.plural, name, namespace);
  }
  if (subresource !== undefined && subresource !== 'status') throw noSuchPath();
  return HANDLERS[verb](call, store);
}

function verbOf({ method, url, name, type, namespace }: ResourceCall): Verb {
  const single = name !== undefined;
  switch (method) {
    case 'GET':
      if (single) return 'get';
      return /^(true|1)$/.test(url.searchParams.get('watch') ?? '') ? 'watch' : 'list';
    case 'POST':
      if (!single && type.namespaced === (namespace !== undefined)) return 'create';
      break;
    case 'PUT':
      if (single) return 'update';
      break;
    case 'PATCH':
      if (single) return 'patch';
      break;
    case 'DELETE':
      return single ? 'delete' : 'deletecollection';
  }
  throw methodNotAllowed(method);
}

function answerPostedReview(call: APICall, path: string): APIAnswer | undefined {
  const [, group, version = '', plural] = /^\/apis\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
  const type = REVIEW_TYPES.find(
    (one) => one.group === group && one.plural === plural && one.versions.includes(version),
  );
  if (type === undefined) return undefined;
  if (call.method !== 'POST') throw methodNotAllowed(call.method);
  if (!isJSONObject(call.body)) throw badRequest('the body of the request is not an object');
  return { code: 201, body: answerReview(type, version, call.user, call.body, call.now) };
}
