import type * as YAML from 'yaml';
import { isMapping } from '../../system/mapping.ts';
import loadYAML from '../read/load-yaml.cjs';
import { readHint } from './edit-hint.ts';
import { applySplices, type Splice } from './edit-splices.ts';
import { type PairSpan, pairSpans, parseStanza, type StanzaText } from './edit-stanza-text.ts';
import { wordsOf } from './edit-values.ts';

/**
 * Restores an applied stanza from its own text: the word after the `leading` words in `args` becomes the command again,
 * and added keys are removed.
 * @param leading - how many words stand before the original command
 * @returns the original text, or undefined if the stanza does not have the layout that applying writes
 */
export function restoreInPlace(stanza: StanzaText, leading: number): string | undefined {
  const { isMap } = loadYAML();
  const parsed = parseStanza(stanza);
  if (!parsed || !isMap(parsed.node) || !isMapping(parsed.value)) return undefined;
  const { source, offset, value } = parsed;
  const pairs = pairSpans(parsed.node, source);
  const command = pairs?.find(({ key }) => key === 'command');
  const args = pairs?.find(({ key }) => key === 'args');
  if (!pairs || !command || !args || wordsOf(value).args.length <= leading) return undefined;
  const taken = takeWords(args, command, pairs, { source, leading, flow: parsed.node.flow === true });
  if (!taken) return undefined;
  const splices: Splice[] = [taken.removal, { start: command.valueStart, end: command.valueEnd, text: taken.word }];
  const notes = readHint(value.installHint);
  const ours = [...(notes ? ['installHint'] : []), ...(notes?.addedMode ? ['interactiveMode'] : [])];
  for (const key of ours) {
    const pair = pairs.find((one) => one.key === key);
    if (pair) splices.push(removalOf(pair, pairs, source, parsed.node.flow === true));
  }
  try {
    const edited = applySplices(source, splices);
    const behind = source.length - offset - stanza.text.length;
    return edited.slice(offset, edited.length - behind);
  } catch {
    return undefined;
  }
}

interface Place {
  readonly source: string;
  readonly leading: number;
  readonly flow: boolean;
}

/** The text of the original command in args, and the splice that removes it and the words before it. */
function takeWords(args: PairSpan, command: PairSpan, pairs: readonly PairSpan[], place: Place) {
  const { isNode, isSeq } = loadYAML();
  const { source, leading } = place;
  const list = args.value;
  if (!isSeq(list) || !list.range) return undefined;
  const items = list.items.filter((item) => isNode(item) && item.range);
  const original = items[leading] as YAML.Node | undefined;
  if (!original?.range || items.length !== list.items.length) return undefined;
  const [wordStart, wordEnd] = original.range;
  const word = source.slice(wordStart, wordEnd).trimEnd();
  const next = (items[leading + 1] as YAML.Node | undefined)?.range?.[0];
  const from = list.flow ? firstPlace(source, list.range[0] + 1) : list.range[0];
  if (next === undefined) return { word, removal: lastWords(args, command, pairs, { ...place, wordEnd }) };
  const to = placeOfNext(source, wordEnd, next, list.flow === true);
  return to === undefined ? undefined : { word, removal: { start: from, end: to, text: '' } };
}

/** The case without other words: the list becomes empty again, or is removed if ekspress has added it. */
function lastWords(
  args: PairSpan,
  command: PairSpan,
  pairs: readonly PairSpan[],
  { source, flow, wordEnd }: Place & { wordEnd: number },
): Splice {
  const { isSeq } = loadYAML();
  const inBrackets = isSeq(args.value) && args.value.flow === true;
  const beforeCommand =
    /^[,\s]*$/.test(source.slice(args.valueEnd, command.keyStart)) && args.keyStart < command.keyStart;
  if (!inBrackets || (flow && beforeCommand)) return removalOf(args, pairs, source, flow);
  const open = args.valueStart + 1;
  return { start: open, end: wordEnd, text: '' };
}

function firstPlace(source: string, position: number): number {
  return position + (/^\s*/.exec(source.slice(position))?.[0].length ?? 0);
}

/** The start of the item after a word, with its dash. */
function placeOfNext(source: string, wordEnd: number, next: number, flow: boolean): number | undefined {
  const between = source.slice(wordEnd, next);
  const found = flow
    ? /^\s*,\s*/.exec(between)
    : /^[ \t]*(?=-\s)/m.exec(between.replace(/^[^\n]*/, (line) => ' '.repeat(line.length)));
  return found ? wordEnd + found.index + found[0].length : undefined;
}

/** Removes an entry together with the separator between it and its neighbour. */
function removalOf(pair: PairSpan, pairs: readonly PairSpan[], source: string, flow: boolean): Splice {
  const index = pairs.indexOf(pair);
  const next = pairs[index + 1];
  if (next !== undefined) {
    const between = source.slice(pair.valueEnd, next.keyStart);
    const separator = (flow ? /^\s*,\s*/ : /^[ \t]*\r?\n[ \t]*/).exec(between)?.[0] ?? '';
    return { start: pair.keyStart, end: pair.valueEnd + separator.length, text: '' };
  }
  const before = source.slice(0, pair.keyStart);
  const separator = (flow ? /(?<!\s)\s*,\s*$/ : /\r?\n[ \t]*$/).exec(before)?.[0] ?? '';
  return { start: pair.keyStart - separator.length, end: pair.valueEnd, text: '' };
}
