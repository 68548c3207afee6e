/** Any JSON value. */
export type JSONValue = null | boolean | number | string | readonly JSONValue[] | JSONObject;

/** A JSON object. */
export interface JSONObject {
  readonly [name: string]: JSONValue | undefined;
}

/** The metadata that this server reads or writes. */
export interface ObjectMeta extends JSONObject {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly creationTimestamp: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A stored API object. */
export interface KubernetesObject extends JSONObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

/** Whether a value is a JSON object, as opposed to a list or null. */
export function isJSONObject(value: unknown): value is JSONObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a path of names; undefined where the path ends early. */
export function valueAt(object: JSONObject, ...path: readonly string[]): JSONValue | undefined {
  let value: JSONValue | undefined = object;
  for (const name of path) value = isJSONObject(value) ? value[name] : undefined;
  return value;
}

/** A string property; undefined if it is absent or not a string. */
export function stringAt(object: JSONObject, ...path: readonly string[]): string | undefined {
  const value = valueAt(object, ...path);
  return typeof value === 'string' ? value : undefined;
}
