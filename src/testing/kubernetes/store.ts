import { randomUUID } from 'node:crypto';
import { type JSONObject, type KubernetesObject, stringAt } from './objects.ts';
import type { ResourceType } from './resource-types.ts';
import { alreadyExists, conflict, expired, notFound } from './status-error.ts';

/** One change of one object. */
export interface Change {
  readonly revision: number;
  readonly type: ResourceType;
  /** Undefined: it was created. */
  readonly before: KubernetesObject | undefined;
  /** Undefined: it was deleted. */
  readonly after: KubernetesObject | undefined;
}

/** A change that is not to be stored, only answered as if it had been. */
export interface WriteOptions {
  readonly dryRun?: boolean;
}

/** The objects of one cluster, in memory, with the history that watches need. */
export interface ObjectStore {
  /** The version of the latest change. */
  revision(): number;
  /** Undefined where there is none. */
  find(type: ResourceType, namespace: string | undefined, name: string): KubernetesObject | undefined;
  /** The same, or 404. */
  get(type: ResourceType, namespace: string | undefined, name: string): KubernetesObject;
  /** By namespace and name; all namespaces if none is given. */
  list(type: ResourceType, namespace: string | undefined): readonly KubernetesObject[];
  create(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
    content: JSONObject,
    o?: WriteOptions,
  ): KubernetesObject;
  /** Replaces everything but uid and creation; `expectedVersion` is that of the object that the change was based on. */
  update(
    current: KubernetesObject,
    type: ResourceType,
    content: JSONObject,
    o?: WriteOptions & { expectedVersion?: string },
  ): KubernetesObject;
  /** Removes it, and what a namespace contains. */
  remove(object: KubernetesObject, type: ResourceType, o?: WriteOptions): void;
  /** Changes after a version, oldest first; 410 where they are no longer known. */
  changesSince(revision: number): readonly Change[];
  /** Calls `listener` on each change from now on, until the function it returns is called. */
  subscribe(listener: (change: Change) => void): () => void;
}

/** Changes that are kept for watches that start from an older version. */
const HISTORY = 1000;

/** An empty store. Versions start high, as on a cluster that has lived for a while. */
export function createObjectStore(types: readonly ResourceType[], now: () => Date): ObjectStore {
  const objects = new Map<string, KubernetesObject>();
  const history: Change[] = [];
  const listeners = new Set<(change: Change) => void>();
  let revision = 1000;

  function commit(type: ResourceType, before: KubernetesObject | undefined, after: KubernetesObject | undefined): void {
    const { namespace, name } = ((after ?? before) as KubernetesObject).metadata;
    if (after === undefined) objects.delete(keyOf(type, namespace, name));
    else objects.set(keyOf(type, namespace, name), after);
    const change = { revision, type, before, after };
    history.push(change);
    if (history.length > HISTORY) history.shift();
    for (const listener of listeners) listener(change);
  }

  const store: ObjectStore = {
    revision: () => revision,
    find: (type, namespace, name) => objects.get(keyOf(type, namespace, name)),
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
          // Only the seeds are older than their creation here.
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
      // An update that changes nothing makes no new version.
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
      // The change after `from` must still be there, or nothing has happened since.
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

/** RFC 3339 in whole seconds, as Kubernetes writes times. */
export function timestamp(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

function keyOf(type: ResourceType, namespace: string | undefined, name: string): string {
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
