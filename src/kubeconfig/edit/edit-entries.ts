import { isDeepStrictEqual } from 'node:util';
import type * as YAML from 'yaml';
import { EKSAuthError } from '../../errors.ts';
import { isMapping, type Mapping } from '../../system/mapping.ts';
import { shown } from '../../text/nearest-names.ts';
import loadYAML from '../read/load-yaml.cjs';
import { parseDocument, parseYAML } from '../read/yaml.ts';
import type { EditableKubeconfig } from './edit-kubeconfig.ts';
import { applySplices, type Splice } from './edit-splices.ts';
import { indentOf, trimmedEnd } from './edit-stanza-text.ts';
import { blockItem, blockSplices, flowList, itemOf, type ListChange, lineEnd, listOf, nameOf } from './entry-lists.ts';

/** The three lists of a kubeconfig. */
const ENTRY_LISTS = ['clusters', 'contexts', 'users'] as const;

type EntryList = (typeof ENTRY_LISTS)[number];

/** Changes of whole entries. */
export type EntryChanges = Readonly<Record<EntryList, ListChange>>;

/**
 * Adds, replaces and removes whole entries. Everything else keeps its bytes, comments included. The result is parsed and
 * compared with the expected value.
 * @returns the new text
 * @throws EKSAuthError INVALID_KUBECONFIG for a layout that cannot be edited with certainty
 */
export function editEntries({ text, place }: EditableKubeconfig, changes: EntryChanges): string {
  const { isMap } = loadYAML();
  const before = parseYAML(text, place);
  const contents = parseDocument(text, place)?.contents;
  if (!isMapping(before) || !isMap(contents)) throw uncertain(place);
  const expected: Record<string, unknown> = { ...before };
  for (const list of ENTRY_LISTS) {
    const taken = listOf(before[list])
      .map(nameOf)
      .find((name) => changes[list].add.has(name));
    if (taken !== undefined) throw changedMeanwhile(place, taken);
    if (isChange(changes[list])) expected[list] = changed(before[list], changes[list]);
  }
  const edited = attempt(text, contents, changes);
  if (edited === undefined || !isDeepStrictEqual(contentOf(edited, place), expected)) throw uncertain(place);
  return edited;
}

/** The list after the change. */
function changed(list: unknown, { add, replace, remove }: ListChange): unknown[] {
  const kept = listOf(list).filter((entry) => !remove.has(nameOf(entry)));
  return [...kept.map((entry) => replace.get(nameOf(entry)) ?? entry), ...add.values()];
}

function isChange({ add, replace, remove }: ListChange): boolean {
  return add.size + replace.size + remove.size > 0;
}

function attempt(text: string, root: YAML.YAMLMap, changes: EntryChanges): string | undefined {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const splices: Splice[] = [];
  const missing: [list: EntryList, entries: readonly Mapping[]][] = [];
  try {
    for (const list of ENTRY_LISTS) {
      const change = changes[list];
      if (!isChange(change)) continue;
      const pair = root.items.find(({ key }) => String(key) === list);
      if (!pair) missing.push([list, [...change.add.values()]]);
      else splices.push(...spliceList(text, pair, change, { eol, flowRoot: root.flow === true }));
    }
    if (missing.length > 0) splices.push(newLists(text, root, missing, eol));
    return applySplices(text, splices);
  } catch {
    return undefined;
  }
}

interface Layout {
  readonly eol: string;
  readonly flowRoot: boolean;
}

function spliceList(text: string, { key, value }: YAML.Pair, change: ListChange, layout: Layout): readonly Splice[] {
  const { isNode, isSeq } = loadYAML();
  const { eol, flowRoot } = layout;
  const keyRange = isNode(key) ? key.range : undefined;
  if (!keyRange) throw new Error('a key without a place');
  const colon = text.indexOf(':', keyRange[1]) + 1;
  const items = isSeq(value) ? value.items.map((item) => itemOf(item, text)) : [];
  const all = changed(
    items.map((item) => item.value),
    change,
  );
  const flow = isSeq(value) && value.flow === true && items.length > 0;
  const range = isNode(value) && value.range ? value.range : undefined;
  const end = range ? Math.max(colon, trimmedEnd(text, range[0], range[1])) : colon;
  if (flowRoot || flow) {
    const start = range && range[1] > range[0] ? range[0] : colon;
    const rewritten = flowList(text, items, change, { start, end: Math.max(start, end), eol });
    return [{ start, end: Math.max(start, end), text: rewritten }];
  }
  if (items.length === 0 || all.length === 0) {
    const block = all.map((entry) => blockItem(entry, indentOf(text, keyRange[0]), eol)).join('');
    const whole = all.length === 0 ? ' []' : `${eol}${block.slice(0, -eol.length)}`;
    // The present value is empty, or is replaced as a whole.
    return [{ start: colon, end: range && range[1] > range[0] ? end : colon, text: whole }];
  }
  return blockSplices(text, items, change, eol);
}

/** Adds lists that the file does not have yet, at its end. */
function newLists(
  text: string,
  root: YAML.YAMLMap,
  lists: readonly (readonly [list: EntryList, entries: readonly Mapping[]])[],
  eol: string,
): Splice {
  const { isNode } = loadYAML();
  const last = root.items.at(-1);
  const node = isNode(last?.value) && last.value.range ? last.value : last?.key;
  const start = root.range?.[0] ?? 0;
  if (root.flow || !isNode(node) || !node.range) {
    const pairs = lists.map(([list, entries]) => `"${list}": ${JSON.stringify(entries)}`).join(', ');
    const at = isNode(node) && node.range ? trimmedEnd(text, node.range[0], node.range[1]) : start + 1;
    return { start: at, end: at, text: node ? `, ${pairs}` : pairs };
  }
  const key = last?.key;
  const indent = indentOf(text, isNode(key) && key.range ? key.range[0] : start);
  const blocks = lists.map(([list, entries]) => {
    if (entries.length === 0) return `${indent}${list}: []${eol}`;
    return `${indent}${list}:${eol}${entries.map((entry) => blockItem(entry, indent, eol)).join('')}`;
  });
  const at = lineEnd(text, trimmedEnd(text, node.range[0], node.range[1]));
  return { start: at, end: at, text: (text[at - 1] === '\n' ? '' : eol) + blocks.join('') };
}

function contentOf(text: string, place: string): unknown {
  try {
    return parseYAML(text, place);
  } catch {
    return undefined;
  }
}

function uncertain(place: string): EKSAuthError {
  return new EKSAuthError('INVALID_KUBECONFIG', `${place} is written in a way that cannot be edited with certainty.`, {
    remedy: 'Nothing was changed. Write the contexts into a file of their own: --kubeconfig FILE.',
  });
}

function changedMeanwhile(place: string, name: string): EKSAuthError {
  return new EKSAuthError('INVALID_KUBECONFIG', `${place} has an entry ${shown(name)} since a moment ago.`, {
    remedy: 'Nothing was changed. Run the command again.',
  });
}
