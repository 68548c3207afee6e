import type { KubernetesListObject, KubernetesObject, ListPromise } from '@kubernetes/client-node';
import { EKSAuthError } from '../../errors.ts';
import { checkOptions } from '../../options/check-options.ts';
import { type Schema, TEXT, whole } from '../../options/checks.ts';

/** Options of {@link Cluster.makeInformer}. */
export interface InformerOptions {
  /** Only objects with these labels, for example `app=web,tier!=test`. Default: all. */
  readonly labelSelector?: string | undefined;
  /** Only objects with these fields, for example `spec.nodeName=node-1`. Default: all. */
  readonly fieldSelector?: string | undefined;
  /** How many objects a page of the list has, for long lists. Default: one page with all objects. */
  readonly limit?: number | undefined;
}

/** What an informer asks its list function for. The names are those of the list methods of client-node. */
export interface ListQuery {
  /** As in {@link InformerOptions}. */
  readonly labelSelector?: string;
  /** As in {@link InformerOptions}. */
  readonly fieldSelector?: string;
  /** As in {@link InformerOptions}. */
  readonly limit?: number;
  /** Where the next page begins; undefined for the first. */
  readonly _continue?: string;
}

/** Lists for an informer. Pass the query on, for example `(query) => core.listPodForAllNamespaces(query)`. */
export type InformerList<T extends KubernetesObject> = (query: ListQuery) => Promise<KubernetesListObject<T>>;

const INFORMER_SCHEMA: Schema<InformerOptions> = {
  labelSelector: TEXT,
  fieldSelector: TEXT,
  limit: whole('a whole number above 0', 1, Number.MAX_SAFE_INTEGER),
};

/** @param options a label selector, or several options */
export function readInformerOptions(options: InformerOptions | string): InformerOptions {
  const chosen = typeof options === 'string' ? { labelSelector: options } : options;
  checkOptions('cluster.makeInformer', chosen, INFORMER_SCHEMA);
  return chosen;
}

/**
 * A list with all pages, as client-go's reflector reads them. Where the version of the first page expires before the
 * last page is read, the list is read again without pages. The version is that of the first page: a watch from there
 * misses nothing.
 */
export function listPages<T extends KubernetesObject>(
  list: InformerList<T>,
  { labelSelector, fieldSelector, limit }: InformerOptions,
): ListPromise<T> {
  const selection: ListQuery = {
    ...(labelSelector !== undefined && { labelSelector }),
    ...(fieldSelector !== undefined && { fieldSelector }),
  };
  const paged: ListQuery = { ...selection, ...(limit !== undefined && { limit }) };
  return async () => {
    const first = readable(await list(paged));
    const items = [...(first.items ?? [])];
    for (let at = continueOf(first); at !== undefined; ) {
      let page: KubernetesListObject<T>;
      try {
        page = readable(await list({ ...paged, _continue: at }));
      } catch (error) {
        if (!isExpired(error)) throw error;
        page = readable(await list(selection));
        if (continueOf(page) !== undefined) throw error;
        return page;
      }
      const next = continueOf(page);
      if (next === at || (page.items?.[0] && nameOf(page.items[0]) === nameOf(items[0]))) throw repeats();
      items.push(...(page.items ?? []));
      at = next;
    }
    return { ...first, items };
  };
}

/** Whether the server no longer has the version of an earlier answer. client-node's informers then list again. */
export function isExpired(error: unknown): boolean {
  const { statusCode, code } = Object(error) as { readonly statusCode?: unknown; readonly code?: unknown };
  return statusCode === 410 || code === 410;
}

/** Whether an object has metadata. client-node's informers end the process over one that has none. */
export function hasMetadata(object: unknown): boolean {
  const { metadata } = Object(object) as { readonly metadata?: unknown };
  return typeof metadata === 'object' && metadata !== null;
}

function readable<T extends KubernetesObject>(list: KubernetesListObject<T>): KubernetesListObject<T> {
  const { items } = Object(list) as { readonly items?: unknown };
  const isList = items === undefined || items === null || (Array.isArray(items) && items.every(hasMetadata));
  if (typeof list === 'object' && list !== null && isList) return list;
  throw new EKSAuthError('INVALID_CONFIG', 'The list function of an informer has not returned a list of objects.', {
    remedy: 'Return the answer of a list method, for example `(query) => core.listPodForAllNamespaces(query)`.',
  });
}

/** Where the next page begins. Custom objects have the name of the API, other lists that of client-node. */
function continueOf({ metadata }: KubernetesListObject<KubernetesObject>): string | undefined {
  const { _continue, continue: plain } = Object(metadata) as {
    readonly _continue?: string;
    readonly continue?: string;
  };
  return _continue || plain || undefined;
}

function nameOf(object: KubernetesObject | undefined): string {
  return `${object?.metadata?.namespace ?? ''}/${object?.metadata?.name ?? ''}`;
}

function repeats(): EKSAuthError {
  const message = 'The list function of an informer returns its first page again and again.';
  return new EKSAuthError('INVALID_CONFIG', message, {
    remedy: 'Pass its query on, for example `(query) => core.listPodForAllNamespaces(query)`.',
  });
}
