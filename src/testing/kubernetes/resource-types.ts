import { isJSONObject, type JSONObject, type JSONValue, type KubernetesObject, stringAt, valueAt } from './objects.ts';
import type { FieldCause } from './status-error.ts';

/** A column of `kubectl get`. Columns of priority 1 are shown by `-o wide` only. */
export interface PrinterColumn {
  readonly name: string;
  readonly priority?: 0 | 1;
  /** The value for an object. NAME and AGE are added to every type. */
  readonly cell: (object: KubernetesObject) => JSONValue;
}

/** A resource of the core group. */
export interface ResourceType {
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly columns: readonly PrinterColumn[];
  /** The fields that a field selector may use besides metadata.name and metadata.namespace. */
  readonly selectableFields: readonly (readonly string[])[];
  /** Whether a DELETE answers with the object instead of a Status. */
  readonly deleteReturnsObject: boolean;
  /** Adds the defaults of the server to a new object. */
  readonly defaults: (object: JSONObject, name: string) => JSONObject;
  readonly validate: (object: JSONObject) => readonly FieldCause[];
}

const namespaces: ResourceType = {
  plural: 'namespaces',
  singular: 'namespace',
  kind: 'Namespace',
  namespaced: false,
  shortNames: ['ns'],
  categories: [],
  columns: [{ name: 'Status', cell: (object) => stringAt(object, 'status', 'phase') ?? '' }],
  selectableFields: [['status', 'phase']],
  deleteReturnsObject: true,
  defaults: (object, name) => ({
    ...object,
    metadata: { ...metadata(object), labels: { ...labels(object), 'kubernetes.io/metadata.name': name } },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  }),
  validate: () => [],
};

const pods: ResourceType = {
  plural: 'pods',
  singular: 'pod',
  kind: 'Pod',
  namespaced: true,
  shortNames: ['po'],
  categories: ['all'],
  columns: [
    { name: 'Ready', cell: readyContainers },
    { name: 'Status', cell: (object) => stringAt(object, 'status', 'phase') ?? 'Unknown' },
    { name: 'Restarts', cell: restarts },
    { name: 'IP', priority: 1, cell: (object) => stringAt(object, 'status', 'podIP') ?? '<none>' },
    { name: 'Node', priority: 1, cell: (object) => stringAt(object, 'spec', 'nodeName') ?? '<none>' },
  ],
  selectableFields: [
    ['spec', 'nodeName'],
    ['spec', 'restartPolicy'],
    ['status', 'phase'],
    ['status', 'podIP'],
  ],
  deleteReturnsObject: true,
  // There is no scheduler. A new pod stays Pending, as in a cluster without nodes.
  defaults: (object) => ({
    ...object,
    spec: { restartPolicy: 'Always', dnsPolicy: 'ClusterFirst', ...spec(object) },
    status: { phase: 'Pending', qosClass: 'BestEffort', ...childOf(object, 'status') },
  }),
  validate: (object) => {
    const containers = listAt(object, 'spec', 'containers');
    if (containers.length === 0) return [required('spec.containers')];
    return containers.flatMap((container, index) => [
      ...(typeof container.name === 'string' && container.name !== ''
        ? []
        : [required(`spec.containers[${index}].name`)]),
      ...(typeof container.image === 'string' ? [] : [required(`spec.containers[${index}].image`)]),
    ]);
  },
};

const configMaps: ResourceType = {
  plural: 'configmaps',
  singular: 'configmap',
  kind: 'ConfigMap',
  namespaced: true,
  shortNames: ['cm'],
  categories: [],
  columns: [
    {
      name: 'Data',
      cell: (object) => Object.keys({ ...childOf(object, 'data'), ...childOf(object, 'binaryData') }).length,
    },
  ],
  selectableFields: [],
  deleteReturnsObject: false,
  defaults: (object) => object,
  validate: (object) => {
    return Object.entries(childOf(object, 'data'))
      .filter(([, value]) => typeof value !== 'string')
      .map(([key]) => ({
        reason: 'FieldValueInvalid',
        field: `data[${key}]`,
        message: 'Invalid value: must be a string',
      }));
  },
};

const secrets: ResourceType = {
  plural: 'secrets',
  singular: 'secret',
  kind: 'Secret',
  namespaced: true,
  shortNames: [],
  categories: [],
  columns: [
    { name: 'Type', cell: (object) => stringAt(object, 'type') ?? '' },
    { name: 'Data', cell: (object) => Object.keys(childOf(object, 'data')).length },
  ],
  selectableFields: [['type']],
  deleteReturnsObject: false,
  defaults: ({ stringData, ...object }) => {
    const written = Object.entries(isJSONObject(stringData) ? stringData : {});
    const encoded = written.map(([key, value]) => [key, Buffer.from(String(value)).toString('base64')]);
    const data = { ...childOf(object, 'data'), ...Object.fromEntries(encoded) };
    return { type: 'Opaque', ...object, ...(Object.keys(data).length > 0 && { data }) };
  },
  validate: () => [],
};

/** The resources that this server stores. */
export const RESOURCE_TYPES: readonly ResourceType[] = [configMaps, namespaces, pods, secrets];

/** The verbs of each of them. */
export const RESOURCE_VERBS: readonly string[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
];

/** The type with that plural name, which is used in paths. */
export function resourceType(plural: string): ResourceType | undefined {
  return RESOURCE_TYPES.find((type) => type.plural === plural);
}

function required(field: string): FieldCause {
  return { reason: 'FieldValueRequired', field, message: 'Required value' };
}

function readyContainers(object: KubernetesObject): string {
  const statuses = listAt(object, 'status', 'containerStatuses');
  return `${statuses.filter(({ ready }) => ready === true).length}/${listAt(object, 'spec', 'containers').length}`;
}

function restarts(object: KubernetesObject): number {
  return listAt(object, 'status', 'containerStatuses').reduce(
    (sum, status) => sum + Number(status.restartCount ?? 0),
    0,
  );
}

function listAt(object: JSONObject, ...path: readonly string[]): readonly JSONObject[] {
  const value = valueAt(object, ...path);
  return Array.isArray(value) ? value.filter(isJSONObject) : [];
}

function childOf(object: JSONObject, name: string): JSONObject {
  const value = object[name];
  return isJSONObject(value) ? value : {};
}

function metadata(object: JSONObject): JSONObject {
  return childOf(object, 'metadata');
}

function labels(object: JSONObject): JSONObject {
  return childOf(metadata(object), 'labels');
}

function spec(object: JSONObject): JSONObject {
  return childOf(object, 'spec');
}
