import { isMapping } from '../../system/mapping.ts';
import { escapeUnseen } from '../../text/foreign-text.ts';

/** The names of the entries that one context consists of. */
export interface EntryNames {
  readonly context: string;
  readonly cluster: string;
  readonly user: string | undefined;
}

/**
 * A kubeconfig, as JSON, with only the entries of one context of a document. They stand as they were written: what was
 * refused in the document is refused in it.
 */
export function oneContextText(root: unknown, { context, cluster, user }: EntryNames): string {
  const all = isMapping(root) ? root : {};
  const named = (list: unknown, name: string | undefined): readonly unknown[] =>
    Array.isArray(list) ? list.filter((item) => isMapping(item) && item.name === name) : [];
  const document = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': context,
    contexts: named(all.contexts, context),
    clusters: named(all.clusters, cluster),
    users: named(all.users, user),
  };
  return escapeUnseen(JSON.stringify(document), 'json');
}
