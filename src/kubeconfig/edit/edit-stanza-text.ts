import type * as YAML from 'yaml';
import loadYAML from '../read/load-yaml.cjs';
import { parseDocument, toValue } from '../read/yaml.ts';

/** Errors of a stanza are not shown. */
const PLACE = 'a stanza';

/** One user's `exec: …`, cut out of its file, with what is needed to parse it alone. */
export interface StanzaText {
  /** From the key to the last character of the value. */
  readonly text: string;
  /** The column in which the key begins. */
  readonly column: number;
  /** Whether it stands inside braces. */
  readonly flow: boolean;
  readonly eol: string;
}

/** A stanza that has been parsed alone. Aliases of anchors outside of it are empty mappings. */
export interface StanzaDocument {
  /** The document around the stanza. Positions of nodes count from its beginning. */
  readonly source: string;
  /** The start of the stanza in the document. */
  readonly offset: number;
  readonly node: YAML.Node;
  readonly value: unknown;
}

/** Parses a stanza alone. Undefined if that is not possible. */
export function parseStanza(stanza: StanzaText): StanzaDocument | undefined {
  const { isMap, isNode } = loadYAML();
  const anchors = `anchors: [${aliasesIn(stanza.text)}]`;
  // A flow stanza is put in braces: inside a block, its lines could not begin with tabs.
  const head = stanza.flow
    ? `{${anchors}, user: {`
    : `${anchors}${stanza.eol}user:${stanza.eol}${' '.repeat(stanza.column)}`;
  const source = `${head}${stanza.text}${stanza.flow ? '}}' : ''}${stanza.eol}`;
  try {
    const document = parseDocument(source, PLACE);
    const user = isMap(document?.contents) ? document.contents.get('user') : undefined;
    if (!document || !isMap(user) || user.items.length !== 1) return undefined;
    const node = user.get('exec', true);
    if (!isNode(node)) return undefined;
    const value = (toValue(document, PLACE) as { user: { exec: unknown } }).user.exec;
    return { source, offset: head.length, node, value };
  } catch {
    return undefined;
  }
}

/** An anchor for every text that looks like an alias. Anchors of the stanza itself come later and override these. */
function aliasesIn(text: string): string {
  const names = Array.from(text.matchAll(/\*([\w.-]+)/g), ([, name]) => `&${name} {}`);
  return [...new Set(names)].join(', ');
}

/** The positions of the parts of one `key: value`. */
export interface PairSpan {
  readonly key: string;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly valueStart: number;
  readonly valueEnd: number;
  readonly value: YAML.Node;
}

/** The entries of a mapping in their order, without merged ones. Undefined if one of them has an unusual form. */
export function pairSpans(map: YAML.YAMLMap, source: string): readonly PairSpan[] | undefined {
  const { isNode, isScalar } = loadYAML();
  const spans: PairSpan[] = [];
  for (const { key, value } of map.items) {
    if (!isScalar(key) || !isNode(value) || !key.range || !value.range) return undefined;
    const [valueStart, valueEnd] = value.range;
    const name = typeof key.value === 'symbol' ? (key.value.description ?? '') : String(key.value);
    const [keyStart, keyEnd] = key.range;
    spans.push({ key: name, keyStart, keyEnd, valueStart, valueEnd: trimmedEnd(source, valueStart, valueEnd), value });
  }
  return spans;
}

/** The end without the white space that the parser adds to the last value of a block. */
export function trimmedEnd(source: string, start: number, end: number): number {
  let last = end;
  while (last > start && /\s/.test(source.charAt(last - 1))) last -= 1;
  return last;
}

/** The indentation of `position` in its line. Other characters before it count as blanks. */
export function indentOf(source: string, position: number): string {
  const line = source.slice(lineStart(source, position), position);
  return line.replace(/[^\s]/g, ' ');
}

/** Whether only white space stands before `position` in its line. */
export function beginsLine(source: string, position: number): boolean {
  return source.slice(lineStart(source, position), position).trim() === '';
}

function lineStart(source: string, position: number): number {
  return source.lastIndexOf('\n', position - 1) + 1;
}
