import { type EntryChanges, editEntries } from '../../src/kubeconfig/edit/edit-entries.ts';
import { readEditable } from '../../src/kubeconfig/edit/edit-kubeconfig.ts';

/** Adds a cluster, a context and a user of each name, or replaces them. */
export const put = (...names: string[]): EntryChanges => ({
  clusters: {
    add: new Map(names.map((name) => [name, { cluster: { server: `https://${name}.example` }, name }])),
    replace: new Map(),
    remove: new Set(),
  },
  contexts: {
    add: new Map(names.map((name) => [name, { context: { cluster: name, user: name }, name }])),
    replace: new Map(),
    remove: new Set(),
  },
  users: {
    add: new Map(names.map((name) => [name, { name, user: { exec: { command: 'aws', args: ['eks', name] } } }])),
    replace: new Map(),
    remove: new Set(),
  },
});
/** Removes them. */
export const remove = (...names: string[]): EntryChanges => {
  const change = { add: new Map(), replace: new Map(), remove: new Set(names) };
  return { clusters: change, contexts: change, users: change };
};
/** The text after the change. */
export const edit = (text: string, changes: EntryChanges): string => editEntries(readEditable(text, 'config'), changes);
