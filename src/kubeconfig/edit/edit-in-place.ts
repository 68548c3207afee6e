import { isMapping } from '../../system/mapping.ts';
import loadYAML from '../read/load-yaml.cjs';
import { applySplices, type Splice } from './edit-splices.ts';
import {
  beginsLine,
  indentOf,
  type PairSpan,
  pairSpans,
  parseStanza,
  type StanzaDocument,
  type StanzaText,
} from './edit-stanza-text.ts';
import { hasHint, missingInteractiveMode, type StanzaChange } from './edit-values.ts';

/**
 * Applies the change with the fewest edits: the text of `command` moves to the front of `args` unchanged, new keys are put
 * before the key `command`. Comments, quotes, order and layout stay.
 * @returns the new text, or undefined if the layout of the stanza does not allow such an edit
 */
export function applyInPlace(stanza: StanzaText, change: StanzaChange): string | undefined {
  const parsed = parseStanza(stanza);
  const { isMap } = loadYAML();
  if (!parsed || !isMap(parsed.node) || !isMapping(parsed.value)) return undefined;
  const pairs = pairSpans(parsed.node, parsed.source);
  const command = pairs?.find(({ key }) => key === 'command');
  if (!pairs || !command || (stanza.flow && parsed.node.flow !== true)) return undefined;
  const moved = parsed.source.slice(command.valueStart, command.valueEnd);
  if (moved === '' || /[\r\n]/.test(moved) || /^[|>]/.test(moved)) return undefined;
  const style: Style = {
    source: parsed.source,
    eol: stanza.eol,
    flow: parsed.node.flow === true,
    quoted: parsed.source[command.keyStart] === '"',
  };
  const splices: Splice[] = [{ start: command.valueStart, end: command.valueEnd, text: scalar(change.command, moved) }];
  const added: [key: string, value: string][] = [];
  if (!hasHint(parsed.value)) {
    if (change.hint !== undefined) added.push(['installHint', JSON.stringify(change.hint)]);
  } else if (pairs.every(({ key }) => key !== 'installHint')) return undefined;
  const mode = missingInteractiveMode(parsed.value);
  if (mode !== undefined) added.push(['interactiveMode', style.quoted ? JSON.stringify(mode) : mode]);
  if (pairs.some(({ key }) => added.some(([name]) => name === key))) return undefined;
  for (const pair of added) splices.push(newPair(command, pair, style));
  if (change.original === undefined) {
    const words = [...change.leading.map((word) => scalar(word, moved)), moved];
    const args = pairs.find(({ key }) => key === 'args');
    const insertion = args ? intoArgs(args, words, style) : newArgs(command, words, style);
    if (!insertion) return undefined;
    splices.push(insertion);
  }
  return cut(parsed, applySplices(parsed.source, splices), stanza);
}

/** The edited stanza without the text around it that was added for the parser. */
function cut({ source, offset }: StanzaDocument, edited: string, { text }: StanzaText): string {
  const behind = source.length - offset - text.length;
  return edited.slice(offset, edited.length - behind);
}

interface Style {
  readonly source: string;
  readonly eol: string;
  readonly flow: boolean;
  /** Whether keys and values have double quotes, as in JSON. */
  readonly quoted: boolean;
}

/** A value without quotes where possible, or with quotes if `model` has them. */
function scalar(value: string, model: string): string {
  const plain =
    !model.startsWith('"') &&
    (/^[/~]?[A-Za-z][A-Za-z0-9_./@+-]*$/.test(value) || value === '-c' || value === '--key-env');
  return plain ? value : JSON.stringify(value);
}

/** A new entry before the entry of the command. An entry is always valid there. */
function newPair({ keyStart }: PairSpan, [key, value]: [string, string], style: Style): Splice {
  const name = style.quoted ? JSON.stringify(key) : key;
  return { start: keyStart, end: keyStart, text: `${name}: ${value}${separator(keyStart, style)}` };
}

function newArgs(command: PairSpan, words: readonly string[], style: Style): Splice {
  if (style.flow) return newPair(command, ['args', `[${words.join(', ')}]`], style);
  const indent = indentOf(style.source, command.keyStart);
  const items = words.map((word) => `${style.eol}${indent}- ${word}`).join('');
  return {
    start: command.keyStart,
    end: command.keyStart,
    text: `args:${items}${separator(command.keyStart, style)}`,
  };
}

function intoArgs({ value }: PairSpan, words: readonly string[], style: Style): Splice | undefined {
  const { isSeq } = loadYAML();
  if (!isSeq(value) || !value.range) return undefined;
  const [start] = value.range;
  if (value.flow) {
    const first = start + 1 + blanksAfter(style.source, start + 1, value.items.length > 0);
    const text = words.join(separator(first, { ...style, flow: true }));
    if (value.items.length === 0) return { start: first, end: first, text: words.join(', ') };
    return { start: first, end: first, text: text + separator(first, { ...style, flow: true }) };
  }
  if (style.source[start] !== '-') return undefined;
  const between = separator(start, { ...style, flow: false });
  return { start, end: start, text: words.map((word) => `- ${word}${between}`).join('') };
}

function blanksAfter(source: string, position: number, several: boolean): number {
  return several ? (/^\s*/.exec(source.slice(position, position + 10_000))?.[0].length ?? 0) : 0;
}

/** The text between a new entry at `position` and the entry that stands there now. */
function separator(position: number, { source, eol, flow }: Style): string {
  const ownLine = beginsLine(source, position);
  if (!flow) return `${eol}${indentOf(source, position)}`;
  return ownLine ? `,${eol}${indentOf(source, position)}` : ', ';
}
