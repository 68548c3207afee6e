import { createRequire } from 'node:module';
import type * as YAML from 'yaml';

// Loaded where it is needed and not before, as in yaml.ts.
const require = createRequire(import.meta.url);

/** One user's `exec: …`, cut out of its file with what is needed to read it alone. */
export interface StanzaText {
  /** From the key to the last character of the value. */
  readonly text: string;
  /** Where the key begins in its line. */
  readonly column: number;
  /** Whether it stands inside of braces. */
  readonly flow: boolean;
  readonly eol: string;
}

/** A stanza that has been parsed alone. Anchors outside of it stand for empty mappings. */
export interface ParsedStanza {
  /** Document around the stanza; positions of nodes count from its beginning. */
  readonly source: string;
  /** Where the stanza begins in it. */
  readonly offset: number;
  readonly node: YAML.Node;
  readonly value: unknown;
}

/** Parses a stanza alone; undefined where that is not possible. */
export function parseStanza(stanza: StanzaText): ParsedStanza | undefined {
  const { isMap, isNode, parseDocument } = require('yaml') as typeof YAML;
  const anchors = `anchors: [${aliasesIn(stanza.text)}]`;
  // Braces around everything: a block around them would not let tabs begin their lines.
  const head = stanza.flow
    ? `{${anchors}, user: {`
    : `${anchors}${stanza.eol}user:${stanza.eol}${' '.repeat(stanza.column)}`;
  const source = `${head}${stanza.text}${stanza.flow ? '}}' : ''}${stanza.eol}`;
  const document = parseDocument(source, { merge: true, prettyErrors: false, logLevel: 'silent' });
  if (document.errors.length > 0 || !isMap(document.contents)) return undefined;
  const user = document.contents.get('user');
  if (!isMap(user) || user.items.length !== 1) return undefined;
  const node = user.get('exec', true);
  if (!isNode(node)) return undefined;
  try {
    const value = (document.toJS() as { user: { exec: unknown } }).user.exec;
    return { source, offset: head.length, node, value };
  } catch {
    return undefined;
  }
}

/** An anchor for everything that looks like an alias; those that stand in the stanza itself come later and win. */
function aliasesIn(text: string): string {
  const names = Array.from(text.matchAll(/\*([\w.-]+)/g), ([, name]) => `&${name} {}`);
  return [...new Set(names)].join(', ');
}

/** Where the parts of one `key: value` stand. */
export interface PairSpan {
  readonly key: string;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly valueStart: number;
  readonly valueEnd: number;
  readonly value: YAML.Node;
}

/** The entries of a mapping that stand in it themselves, in their order; undefined where one of them is too unusual. */
export function pairSpans(map: YAML.YAMLMap, source: string): readonly PairSpan[] | undefined {
  const { isNode, isScalar } = require('yaml') as typeof YAML;
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

/** The end without the white space that a parser counts to the last value of a block. */
export function trimmedEnd(source: string, start: number, end: number): number {
  let last = end;
  while (last > start && /\s/.test(source.charAt(last - 1))) last -= 1;
  return last;
}

/** The white space that a line begins with, up to `position`; other characters of the line count as blanks. */
export function indentOf(source: string, position: number): string {
  const line = source.slice(lineStart(source, position), position);
  return line.replace(/[^\s]/g, ' ');
}

/** Whether nothing but white space stands before `position` in its line. */
export function beginsLine(source: string, position: number): boolean {
  return source.slice(lineStart(source, position), position).trim() === '';
}

function lineStart(source: string, position: number): number {
  return source.lastIndexOf('\n', position - 1) + 1;
}
