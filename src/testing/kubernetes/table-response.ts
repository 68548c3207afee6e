import type { JSONObject, JSONValue, KubernetesObject } from './objects.ts';
import type { PrinterColumn, ResourceType } from './resource-types.ts';

/** Whether the client asked for server-side printing (`Accept: …;as=Table;v=v1;g=meta.k8s.io`). */
export function wantsTable(accept: string): boolean {
  return /;as=Table(;|,|$)/.test(accept.replaceAll(' ', ''));
}

/** The part of the object in each row, as requested by `includeObject`. */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

/** Makes a `meta.k8s.io/v1` Table, which `kubectl get` prints unchanged. */
export function toTable(
  type: ResourceType,
  objects: readonly KubernetesObject[],
  listMetadata: JSONObject,
  options: { readonly include: IncludeObject; readonly now: Date },
): JSONObject {
  const columns = columnsOf(type, options.now);
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: listMetadata,
    columnDefinitions: columns.map(({ name, priority = 0 }) => {
      return { name, type: 'string', format: name === 'Name' ? 'name' : '', description: '', priority };
    }),
    rows: objects.map((object) => ({
      cells: columns.map(({ cell }) => cell(object)),
      ...(options.include === 'None' ? {} : { object: options.include === 'Object' ? object : partial(object) }),
    })),
  };
}

function columnsOf(type: ResourceType, now: Date): readonly PrinterColumn[] {
  const always = type.columns.filter(({ priority = 0 }) => priority === 0);
  const wide = type.columns.filter(({ priority = 0 }) => priority === 1);
  const age = (object: KubernetesObject): JSONValue => {
    return shortDuration(now.getTime() - Date.parse(object.metadata.creationTimestamp));
  };
  return [{ name: 'Name', cell: ({ metadata }) => metadata.name }, ...always, { name: 'Age', cell: age }, ...wide];
}

function partial({ metadata }: KubernetesObject): JSONObject {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
}

/** Formats an age as kubectl does: `45s`, `3m20s`, `25m`, `5h10m`, `30h`, `4d6h`, `100d`. */
export function shortDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const [minutes, hours, days] = [60, 3600, 86_400].map((unit) => Math.floor(seconds / unit)) as [
    number,
    number,
    number,
  ];
  if (seconds < 120) return `${seconds}s`;
  if (minutes < 10) return two(minutes, 'm', seconds % 60, 's');
  if (hours < 3) return `${minutes}m`;
  if (hours < 8) return two(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  if (days < 8) return two(days, 'd', hours % 24, 'h');
  return days < 730 ? `${days}d` : two(Math.floor(days / 365), 'y', days % 365, 'd');
}

function two(first: number, firstUnit: string, second: number, secondUnit: string): string {
  return second === 0 ? `${first}${firstUnit}` : `${first}${firstUnit}${second}${secondUnit}`;
}
