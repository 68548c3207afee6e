import type { EditableKubeconfig } from '../../kubeconfig/edit-kubeconfig.ts';
import { isExecValue } from '../../kubeconfig/edit-values.ts';
import type { Paint } from '../terminal/paint.ts';

/** Lines around a change. */
const CONTEXT = 3;
/** A line longer than this (JSON on one line) is shown around its change. */
const LONGEST = 400;
const EXCERPT = 120;
const HIDDEN = '‹hidden›';
/** Variables of a stanza whose values are no secrets. */
const PUBLIC =
  /^AWS_(PROFILE|DEFAULT_PROFILE|REGION|DEFAULT_REGION|CONFIG_FILE|SHARED_CREDENTIALS_FILE|STS_REGIONAL_ENDPOINTS)$/;

/**
 * What an edit changes, as a unified diff for people: secrets of the file are hidden, very long lines cut, so it shows
 * and does not patch.
 */
export function unifiedDiff(before: EditableKubeconfig, after: EditableKubeconfig, paint: Paint): string {
  if (before.text === after.text) return '';
  const hide = hider(before);
  const lines = [`--- ${before.place}`, `+++ ${before.place}`].map((line) => paint('bold', line));
  for (const { from, to, added, addedFrom, old } of hunksOf(before, after)) {
    const last = Math.min(old.length, to + CONTEXT);
    const first = Math.max(0, from - CONTEXT);
    const count = added.length - (to - from);
    const here = addedFrom - (from - first) + 1;
    lines.push(paint('cyan', `@@ -${first + 1},${last - first} +${here},${last - first + count} @@`));
    const excerpt = excerptOf(old.slice(from, to), added);
    for (const line of old.slice(first, from)) lines.push(` ${cut(hide(line), 0)}`);
    for (const line of old.slice(from, to)) lines.push(paint('red', `-${cut(hide(line), excerpt)}`));
    for (const line of added) lines.push(paint('green', `+${cut(hide(line), excerpt)}`));
    for (const line of old.slice(to, last)) lines.push(` ${cut(hide(line), 0)}`);
  }
  return `${lines.join('\n')}\n`;
}

interface Hunk {
  /** Lines `from` up to `to` of the old text give way to the added ones, which begin at `addedFrom` in the new one. */
  readonly from: number;
  readonly to: number;
  readonly added: readonly string[];
  readonly addedFrom: number;
  readonly old: readonly string[];
}

/** One for each user whose stanza differs: where the stanzas stand is known, so nothing has to be searched. */
function hunksOf(before: EditableKubeconfig, after: EditableKubeconfig): Hunk[] {
  const old = linesOf(before.text);
  const fresh = linesOf(after.text);
  const hunks: Hunk[] = [];
  for (const [index, { stanza }] of before.users.entries()) {
    const other = after.users[index]?.stanza;
    if (!stanza || !other || stanza.text === other.text) continue;
    const [oldFrom, oldTo] = lineSpan(before.text, stanza.start, stanza.text.length);
    const [newFrom, newTo] = lineSpan(after.text, other.start, other.text.length);
    let [head, tail] = [0, 0];
    const most = Math.min(oldTo - oldFrom, newTo - newFrom);
    while (head < most && old[oldFrom + head] === fresh[newFrom + head]) head += 1;
    while (tail < most - head && old[oldTo - 1 - tail] === fresh[newTo - 1 - tail]) tail += 1;
    const added = fresh.slice(newFrom + head, newTo - tail);
    hunks.push({ from: oldFrom + head, to: oldTo - tail, added, addedFrom: newFrom + head, old });
  }
  // Two users on one line (JSON) are one change.
  return hunks
    .sort((a, b) => a.from - b.from)
    .filter((hunk, index, all) => index === 0 || hunk.from >= (all[index - 1]?.to ?? 0));
}

function linesOf(text: string): string[] {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function lineSpan(text: string, start: number, length: number): [number, number] {
  const count = (end: number) => text.slice(0, end).split('\n').length - 1;
  return [count(start), count(start + length) + 1];
}

/** Where the first difference of two lines lies. */
function excerptOf([one = '']: readonly string[], [other = '']: readonly string[]): number {
  let index = 0;
  while (index < one.length && one[index] === other[index]) index += 1;
  return index;
}

function cut(line: string, around: number): string {
  if (line.length <= LONGEST) return line;
  const from = Math.max(0, around - EXCERPT);
  return `${from > 0 ? '…' : ''}${line.slice(from, around + 2 * EXCERPT)}…`;
}

/** Hides every secret that the file is known to hold, and what looks like one. */
function hider({ users }: EditableKubeconfig): (line: string) => string {
  const secrets = new Set(users.flatMap(({ value }) => secretsOf(value)));
  return (line) => {
    let text = line.replace(/((?:token|password|[\w-]+-data|secret)["']?\s*:\s*)(\S.*)/i, `$1${HIDDEN}`);
    for (const secret of secrets) text = text.replaceAll(secret, HIDDEN);
    return text;
  };
}

function secretsOf(value: unknown): string[] {
  const user = isExecValue(value) && isExecValue(value.user) ? value.user : {};
  const { exec, ...others } = user;
  const variables = isExecValue(exec) && Array.isArray(exec.env) ? exec.env.filter(isExecValue) : [];
  const hidden = variables.filter(({ name }) => !PUBLIC.test(String(name))).map((variable) => variable.value);
  return [...hidden, ...Object.values(others)].filter(
    (text): text is string => typeof text === 'string' && text.length > 2,
  );
}
