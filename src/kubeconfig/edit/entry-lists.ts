import { isMapping, type Mapping } from '../../system/mapping.ts';
import loadYAML from '../read/load-yaml.cjs';
import type { Splice } from './edit-splices.ts';
import { indentOf, trimmedEnd } from './edit-stanza-text.ts';

/** Changes of one list. */
export interface ListChange {
  /** Entries by name, added at the end. None of these names may exist. */
  readonly add: ReadonlyMap<string, Mapping>;
  /** New values of entries by name. One that no longer exists is left out. */
  readonly replace: ReadonlyMap<string, Mapping>;
  /** Names of entries to remove. */
  readonly remove: ReadonlySet<string>;
}

/** An entry of a list, with its position. Only the name in its value is read. */
export interface Item {
  readonly start: number;
  readonly end: number;
  readonly value: unknown;
}

/** The entries of a block list, each with its lines. */
export function blockSplices(
  text: string,
  items: readonly Item[],
  { add, replace, remove }: ListChange,
  eol: string,
): Splice[] {
  const splices: Splice[] = [];
  const indent = indentOf(text, dashOf(text, items[0] as Item));
  for (const item of items) {
    const dash = dashOf(text, item);
    const name = nameOf(item.value);
    const replacement = replace.get(name);
    if (remove.has(name)) splices.push({ start: lineStart(text, dash), end: lineEnd(text, item.end), text: '' });
    else if (replacement) {
      const block = blockItem(replacement, indent, eol).slice(indent.length, -eol.length);
      splices.push({ start: dash, end: item.end, text: block });
    }
  }
  const added = [...add.values()].map((entry) => blockItem(entry, indent, eol)).join('');
  const at = lineEnd(text, items.at(-1)?.end ?? 0);
  if (added !== '') splices.push({ start: at, end: at, text: (text[at - 1] === '\n' ? '' : eol) + added });
  return splices;
}

/** A list in brackets, with the layout of the present list. */
export function flowList(
  text: string,
  items: readonly Item[],
  { add, replace, remove }: ListChange,
  { start, end, eol }: { readonly start: number; readonly end: number; readonly eol: string },
): string {
  const [first] = items;
  const lines = first !== undefined && text.slice(start, first.start).includes('\n');
  const indent = first && lines ? indentOf(text, first.start) : '';
  const tight = first !== undefined && !/[,:] /.test(text.slice(start, end));
  const separator = lines ? eol + indent : tight ? '' : ' ';
  const kept = items.filter(({ value }) => !remove.has(nameOf(value)));
  const parts = [
    ...kept.map((item) => {
      const replacement = replace.get(nameOf(item.value));
      return replacement ? json(replacement, indent, lines, eol) : text.slice(item.start, item.end);
    }),
    ...[...add.values()].map((entry) => json(entry, indent, lines, eol)),
  ];
  if (parts.length === 0) return first ? '[]' : ' []';
  const last = items.at(-1);
  const closing = last && lines ? text.slice(last.end, end - 1).replace(',', '') : '';
  return `${first ? '' : ' '}[${lines ? separator : ''}${parts.join(`,${separator}`)}${closing}]`;
}

/** @throws Error for an entry without a position */
export function itemOf(item: unknown, text: string): Item {
  const { isMap, isNode } = loadYAML();
  if (!isNode(item) || !item.range) throw new Error('an entry without a place');
  const name = isMap(item) ? item.get('name') : undefined;
  return { start: item.range[0], end: trimmedEnd(text, item.range[0], item.range[1]), value: { name } };
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The name of an entry. */
export function nameOf(entry: unknown): string {
  return isMapping(entry) ? String(entry.name ?? '') : '';
}

function dashOf(text: string, { start }: Item): number {
  return text.lastIndexOf('-', start - 1);
}

/** An entry as the lines of a block list. */
export function blockItem(entry: unknown, indent: string, eol: string): string {
  const { stringify } = loadYAML();
  // As in kubectl, names that YAML 1.1 reads as truth values or numbers have quotes.
  const lines = stringify([entry], { lineWidth: 0, indentSeq: false, schema: 'yaml-1.1' }).trimEnd().split('\n');
  return lines.map((line) => `${indent}${line}${eol}`).join('');
}

function json(entry: Mapping, indent: string, lines: boolean, eol: string): string {
  if (!lines) return JSON.stringify(entry);
  return JSON.stringify(entry, undefined, 2).replaceAll('\n', eol + indent);
}

function lineStart(text: string, position: number): number {
  return text.lastIndexOf('\n', position - 1) + 1;
}

/** The start of the next line. */
export function lineEnd(text: string, position: number): number {
  const end = text.indexOf('\n', position);
  return end === -1 ? text.length : end + 1;
}
