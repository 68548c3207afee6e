import { randomUUID } from 'node:crypto';
import { type JSONObject, type KubernetesObject, stringAt } from './objects.ts';
import type { ResourceType } from './resource-types.ts';
import { alreadyExists, conflict, expired, notFound } from './status-error.ts';

/** One change of one object. */
export interface Change {
  readonly revision: number;
  readonly type: ResourceType;
  /** Undefined if the object was created. */
  readonly before: KubernetesObject | undefined;
  /** Undefined if the object was deleted. */
  readonly after: KubernetesObject | undefined;
}

/** Options of a write. With `dryRun`, the result is returned but not stored. */
export interface WriteOptions {
  readonly dryRun?: boolean;
}

/** The objects of one cluster in memory, with the history for watches. */
export interface ObjectStore {
  /** The version of the latest change. */
  revision(): number;
  /** The object, or undefined if it does not exist. */
  find(type: ResourceType, namespace: string | undefined, name: string): KubernetesObject | undefined;
  /** The object. Throws 404 if it does not exist. */
  get(type: ResourceType, namespace: string | undefined, name: string): KubernetesObject;
  /** The objects ordered by namespace and name, of all namespaces if none is given. */
  list(type: ResourceType, namespace: string | undefined): readonly KubernetesObject[];
  create(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
    content: JSONObject,
    o?: WriteOptions,
  ): KubernetesObject;
  /** Replaces an object except its uid and creation time. Throws 409 if its version is not `expectedVersion`. */
  update(
    current: KubernetesObject,
    type: ResourceType,
    content: JSONObject,
    o?: WriteOptions & { expectedVersion?: string },
  ): KubernetesObject;
  /** Removes an object. A namespace is removed with its objects. */
  remove(object: KubernetesObject, type: ResourceType, o?: WriteOptions): void;
  /** The changes after a version, oldest first. Throws 410 if they are no longer in the history. */
  changesSince(revision: number): readonly Change[];
  /** Calls `listener` for each later change. Returns a function that ends this. */
  subscribe(listener: (change: Change) => void): () => void;
}

/** The number of changes that are kept for watches from an older version. */
const HISTORY = 1000;

/** Makes an empty store. Versions start high, as on a cluster of some age. */
export function createObjectStore(types: readonly ResourceType[], now: () => Date): ObjectStore {
  const objects = new Map<string, KubernetesObject>();
  const history: Change[] = [];
  const listeners = new Set<(change: Change) => void>();
  let revision = 1000;

  function commit(type: ResourceType, before: KubernetesObject | undefined, after: KubernetesObject | undefined): void {
    const { namespace, name } = ((after ?? before) as KubernetesObject).metadata;
    if (after === undefined) objects.delete(objectKey(type, namespace, name));
    else objects.set(objectKey(type, namespace, name), after);
    const change = { revision, type, before, after };
    history.push(change);
    if (history.length > HISTORY) history.shift();
    for (const listener of listeners) listener(change);
  }

  const store: ObjectStore = {
    revision: () => revision,
    find: (type, namespace, name) => objects.get(objectKey(type, namespace, name)),
    get(type, namespace, name) {
      const object = store.find(type, namespace, name);
      if (object === undefined) throw notFound(type, name);
      return object;
    },
    list(type, namespace) {
      const prefix = namespace === undefined ? `${type.plural}/` : `${type.plural}/${namespace}/`;
      const keys = [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();
      return keys.map((key) => objects.get(key) as KubernetesObject);
    },
    create(type, namespace, name, content, { dryRun = false } = {}) {
      if (store.find(type, namespace, name) !== undefined) throw alreadyExists(type, name);
      if (!dryRun) revision++;
      const created: KubernetesObject = {
        ...content,
        apiVersion: 'v1',
        kind: type.kind,
        metadata: {
          ...(content.metadata as JSONObject | undefined),
          name,
          ...(namespace === undefined ? {} : { namespace }),
          uid: randomUUID(),
          resourceVersion: String(revision),
          // Only the seeded objects have their own creation time.
          creationTimestamp: stringAt(content, 'metadata', 'creationTimestamp') ?? timestamp(now()),
        },
      };
      if (!dryRun) commit(type, undefined, created);
      return created;
    },
    update(current, type, content, { dryRun = false, expectedVersion } = {}) {
      const { name, uid, creationTimestamp, resourceVersion } = current.metadata;
      if (expectedVersion !== undefined && expectedVersion !== resourceVersion) throw conflict(type, name);
      const metadata = { ...(content.metadata as JSONObject | undefined), ...pick(current), uid, creationTimestamp };
      const unchanged = { ...content, apiVersion: 'v1', kind: type.kind, metadata: { ...metadata, resourceVersion } };
      // An update without changes keeps the version.
      if (JSON.stringify(sorted(unchanged)) === JSON.stringify(sorted(current))) return current;
      if (!dryRun) revision++;
      const updated: KubernetesObject = { ...unchanged, metadata: { ...metadata, resourceVersion: String(revision) } };
      if (!dryRun) commit(type, current, updated);
      return updated;
    },
    remove(object, type, { dryRun = false } = {}) {
      if (dryRun) return;
      for (const contained of type.plural === 'namespaces' ? types.filter(({ namespaced }) => namespaced) : []) {
        for (const inside of store.list(contained, object.metadata.name)) store.remove(inside, contained);
      }
      revision++;
      commit(type, object, undefined);
    },
    changesSince(from) {
      const oldest = history[0]?.revision ?? revision + 1;
      // The change after `from` must still be in the history, unless there is none.
      if (from < oldest - 1 && from < revision) throw expired(from, oldest - 1);
      return history.filter((change) => change.revision > from);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return store;
}

/** RFC 3339 in whole seconds, the time format of Kubernetes. */
export function timestamp(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

function objectKey(type: ResourceType, namespace: string | undefined, name: string): string {
  return `${type.plural}/${namespace ?? ''}/${name}`;
}

function pick({ metadata: { name, namespace } }: KubernetesObject): { name: string; namespace?: string } {
  return { name, ...(namespace === undefined ? {} : { namespace }) };
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([k, v]) => [k, sorted(v)]),
  );
}
