import { isJSONObject, type JSONObject, type JSONValue } from './objects.ts';
import { badRequest, unsupportedMediaType } from './status-error.ts';

const MEDIA_TYPES: Readonly<Record<string, (object: JSONObject, patch: JSONValue) => JSONValue>> = {
  'application/json-patch+json': applyJSONPatch,
  'application/merge-patch+json': (object, patch) => mergePatch(object, patch),
  'application/strategic-merge-patch+json': (object, patch) => strategicMerge(object, patch),
};

/** Applies the body of a PATCH to an object. Throws 415 for server-side apply and 400 for an invalid patch. */
export function applyPatch(object: JSONObject, contentType: string, patch: JSONValue): JSONObject {
  const mediaType = contentType.split(';')[0]?.trim() ?? '';
  const apply = MEDIA_TYPES[mediaType];
  if (apply === undefined) throw unsupportedMediaType(mediaType, Object.keys(MEDIA_TYPES));
  const patched = apply(object, patch);
  if (!isJSONObject(patched)) throw badRequest('the patch does not leave an object');
  return patched;
}

/** RFC 7386. */
function mergePatch(target: JSONValue | undefined, patch: JSONValue): JSONValue {
  if (!isJSONObject(patch)) return patch;
  const merged: Record<string, JSONValue | undefined> = isJSONObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null || value === undefined) delete merged[name];
    else merged[name] = mergePatch(merged[name], value);
  }
  return merged;
}

/** The patchMergeKeys of the core types. The first one that all elements of a list have identifies them. */
const MERGE_KEYS = ['name', 'containerPort', 'mountPath', 'devicePath', 'ip', 'type', 'uid', 'key'];

/** Merges lists of objects by key and supports `$patch: delete|replace`. Other lists are replaced. */
function strategicMerge(target: JSONValue | undefined, patch: JSONValue): JSONValue {
  if (!isJSONObject(patch)) return patch;
  if (patch.$patch === 'replace') return withoutDirectives(patch);
  const merged: Record<string, JSONValue | undefined> = isJSONObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(withoutDirectives(patch))) {
    if (value === null || value === undefined) delete merged[name];
    else if (isList(value) && isList(merged[name])) merged[name] = mergeLists(merged[name], value);
    else merged[name] = strategicMerge(merged[name], value);
  }
  return merged;
}

function mergeLists(target: readonly JSONValue[], patch: readonly JSONValue[]): readonly JSONValue[] {
  const key = MERGE_KEYS.find((name) =>
    [...target, ...patch].every((item) => isJSONObject(item) && item[name] !== undefined),
  );
  if (key === undefined) return patch;
  const merged = (target as readonly JSONObject[]).map((item) => ({ ...item }) as JSONObject);
  for (const change of patch as readonly JSONObject[]) {
    const at = merged.findIndex((item) => item[key] === change[key]);
    if (change.$patch === 'delete') {
      if (at >= 0) merged.splice(at, 1);
    } else if (at >= 0) merged[at] = strategicMerge(merged[at], change) as JSONObject;
    else merged.push(withoutDirectives(change));
  }
  return merged;
}

function withoutDirectives(patch: JSONObject): JSONObject {
  return Object.fromEntries(Object.entries(patch).filter(([name]) => !name.startsWith('$')));
}

/** RFC 6902. */
function applyJSONPatch(object: JSONObject, patch: JSONValue): JSONValue {
  if (!isList(patch)) throw badRequest('a JSON patch is a list of operations');
  return patch.reduce<JSONValue>((document, operation) => {
    if (!isJSONObject(operation)) throw badRequest('a JSON patch is a list of operations');
    return applyOperation(document, operation);
  }, object);
}

function applyOperation(document: JSONValue, operation: JSONObject): JSONValue {
  const path = pointer(operation.path);
  const { value = null } = operation;
  switch (operation.op) {
    case 'add':
      return edit(document, path, value, 'add');
    case 'replace':
      return edit(document, path, value, 'replace');
    case 'remove':
      return edit(document, path, undefined, 'replace');
    case 'test':
      if (JSON.stringify(read(document, path)) === JSON.stringify(value)) return document;
      throw badRequest(`the test of ${String(operation.path)} failed`);
    case 'copy':
      return edit(document, path, read(document, pointer(operation.from)), 'add');
    case 'move': {
      const moved = read(document, pointer(operation.from));
      return edit(edit(document, pointer(operation.from), undefined, 'replace'), path, moved, 'add');
    }
    default:
      throw badRequest(`unknown operation of a JSON patch: ${String(operation.op)}`);
  }
}

function pointer(path: JSONValue | undefined): readonly string[] {
  if (typeof path !== 'string' || (path !== '' && !path.startsWith('/')))
    throw badRequest(`not a JSON pointer: ${String(path)}`);
  return path
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function read(document: JSONValue, path: readonly string[]): JSONValue {
  let value: JSONValue | undefined = document;
  for (const part of path) value = isList(value) ? value[Number(part)] : isJSONObject(value) ? value[part] : undefined;
  if (value === undefined) throw badRequest(`nothing is at /${path.join('/')}`);
  return value;
}

/** A copy with the value at `path` added, replaced or (undefined) removed. */
function edit(
  document: JSONValue,
  path: readonly string[],
  value: JSONValue | undefined,
  mode: 'add' | 'replace',
): JSONValue {
  const [part, ...rest] = path;
  if (part === undefined) return value ?? null;
  if (rest.length > 0 || mode === 'replace') read(document, [part]);
  if (isList(document)) {
    const list = [...document];
    const at = part === '-' ? list.length : Number(part);
    if (rest.length > 0) list[at] = edit(list[at] as JSONValue, rest, value, mode);
    else list.splice(at, mode === 'add' ? 0 : 1, ...(value === undefined ? [] : [value]));
    return list;
  }
  if (!isJSONObject(document)) throw badRequest(`nothing can be at /${path.join('/')}`);
  const { [part]: old, ...others } = document;
  const next = rest.length > 0 ? edit(old as JSONValue, rest, value, mode) : value;
  return next === undefined ? others : { ...others, [part]: next };
}

function isList(value: JSONValue | undefined): value is readonly JSONValue[] {
  return Array.isArray(value);
}
