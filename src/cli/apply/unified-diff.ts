import { type StructuredPatchHunk, structuredPatch } from 'diff';
import type { EditableKubeconfig } from '../../kubeconfig/edit/edit-kubeconfig.ts';
import { isMapping } from '../../system/mapping.ts';
import type { Paint } from '../terminal/paint.ts';

/** Lines around a change. */
const CONTEXT = 3;
/** A line longer than this (JSON on one line) is shown around its change. */
const LONGEST = 400;
const EXCERPT = 120;
/** A diff of more lines takes long to find, and to read. */
const MOST_LINES = 5_000;
const HIDDEN = '‹hidden›';
/** Variables of a stanza whose values are not secret. */
const PUBLIC =
  /^AWS_(PROFILE|DEFAULT_PROFILE|REGION|DEFAULT_REGION|CONFIG_FILE|SHARED_CREDENTIALS_FILE|STS_REGIONAL_ENDPOINTS)$/;

/**
 * The changes of an edit as a unified diff for the user. Secrets of the file are hidden and very long lines are cut, so
 * it cannot be used as a patch.
 */
export function unifiedDiff(before: EditableKubeconfig, after: EditableKubeconfig, paint: Paint): string {
  return diffOf(before, before.text === after.text ? [] : hunksOf(before, after), paint);
}

/** The changes of an edit that adds and removes whole entries. */
export function unifiedDiffOfFile(before: EditableKubeconfig, after: EditableKubeconfig, paint: Paint): string {
  const options = { context: CONTEXT, maxEditLength: MOST_LINES };
  const patch = structuredPatch('', '', before.text, after.text, '', '', options);
  if (patch === undefined) return `${before.place}: more than ${MOST_LINES} lines would change, too many for a diff.\n`;
  return diffOf(before, patch.hunks.map(toHunk), paint);
}

function diffOf(before: EditableKubeconfig, hunks: readonly Hunk[], paint: Paint): string {
  if (hunks.length === 0) return '';
  const hide = hider(before);
  const lines = [`--- ${before.place}`, `+++ ${before.place}`].map((line) => paint('bold', line));
  for (const { oldFrom, newFrom, changes: bare } of hunks) {
    const changes = bare.map(({ kind, line }) => ({ kind, line: hide(line) }));
    const count = (kind: DiffLine['kind']) => changes.filter((change) => change.kind === kind).length;
    const [kept, removed, added] = [count(' '), count('-'), count('+')];
    lines.push(paint('cyan', `@@ -${oldFrom + 1},${kept + removed} +${newFrom + 1},${kept + added} @@`));
    const around = excerptOf(changes);
    for (const { kind, line } of changes) {
      const part = cut(line, kind === ' ' ? { front: 0, behind: line.length } : around);
      const text = `${kind}${part}`;
      lines.push(kind === ' ' ? text : paint(kind === '-' ? 'red' : 'green', text));
    }
  }
  return `${lines.join('\n')}\n`;
}

interface DiffLine {
  readonly kind: ' ' | '-' | '+';
  readonly line: string;
}

interface Hunk {
  readonly oldFrom: number;
  readonly newFrom: number;
  readonly changes: readonly DiffLine[];
}

/** One hunk for each user whose stanza differs. The positions of stanzas are known, so only they are compared. */
function hunksOf(before: EditableKubeconfig, after: EditableKubeconfig): Hunk[] {
  const old = linesOf(before.text);
  const fresh = linesOf(after.text);
  const hunks: (Hunk & { oldTo: number })[] = [];
  for (const [index, { stanza }] of before.users.entries()) {
    const other = after.users[index]?.stanza;
    if (!stanza || !other || stanza.text === other.text) continue;
    const [oldFrom, oldTo] = lineSpan(before.text, stanza.start, stanza.text.length);
    const [newFrom, newTo] = lineSpan(after.text, other.start, other.text.length);
    const behind = old.slice(oldTo, oldTo + CONTEXT);
    const text = (lines: readonly string[]) => [...lines, ...behind].map((line) => `${line}\n`).join('');
    const [one, two] = [text(old.slice(oldFrom, oldTo)), text(fresh.slice(newFrom, newTo))];
    for (const hunk of structuredPatch('', '', one, two, '', '', { context: CONTEXT }).hunks.map(toHunk)) {
      hunks.push({ ...hunk, oldFrom: oldFrom + hunk.oldFrom, newFrom: newFrom + hunk.newFrom, oldTo });
    }
  }
  // Two users on one line (JSON) are one change.
  hunks.sort((a, b) => a.oldFrom - b.oldFrom);
  return hunks.filter(({ oldFrom, oldTo }, index) => {
    const previous = hunks[index - 1];
    return previous === undefined || previous.oldTo === oldTo || oldFrom >= previous.oldTo;
  });
}

function toHunk({ oldStart, newStart, lines }: StructuredPatchHunk): Hunk {
  const shown = lines.filter((line) => !line.startsWith('\\'));
  const changes = shown.map((line) => ({ kind: line.charAt(0) as DiffLine['kind'], line: line.slice(1) }));
  return { oldFrom: oldStart - 1, newFrom: newStart - 1, changes };
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

/** How many characters the first removed line and the first added line have in common, at the start and at the end. */
function excerptOf(changes: readonly DiffLine[]): Excerpt {
  const one = changes.find(({ kind }) => kind === '-')?.line ?? '';
  const other = changes.find(({ kind }) => kind === '+')?.line ?? '';
  const most = Math.min(one.length, other.length);
  let [front, behind] = [0, 0];
  while (front < most && one[front] === other[front]) front += 1;
  while (behind < most - front && one.at(-1 - behind) === other.at(-1 - behind)) behind += 1;
  return { front, behind };
}

interface Excerpt {
  readonly front: number;
  readonly behind: number;
}

function cut(line: string, { front, behind }: Excerpt): string {
  if (line.length <= LONGEST) return line;
  const from = Math.max(0, front - EXCERPT);
  const to = Math.min(line.length, Math.max(from + EXCERPT, line.length - behind + EXCERPT));
  return `${from > 0 ? '…' : ''}${line.slice(from, to)}${to < line.length ? '…' : ''}`;
}

/** Hides all secrets of the file, and text that looks like a secret. */
function hider({ users }: EditableKubeconfig): (line: string) => string {
  const secrets = new Set(users.flatMap(({ value }) => secretsOf(value)));
  return (line) => {
    let text = line.replace(
      /((?:token|password|(?<![\w-])[\w-]+-data|secret)["']?\s*:\s*)("[^"]*"|'[^']*'|[^\s,}]+)/gi,
      `$1${HIDDEN}`,
    );
    // An installHint can hold the original stanza, with the values of its env.
    text = text.replace(/\(original [A-Za-z0-9_-]+\)/g, `(original ${HIDDEN})`);
    for (const secret of secrets) text = text.replaceAll(secret, HIDDEN);
    return text;
  };
}

function secretsOf(value: unknown): string[] {
  const user = isMapping(value) && isMapping(value.user) ? value.user : {};
  const { exec, ...others } = user;
  const variables = isMapping(exec) && Array.isArray(exec.env) ? exec.env.filter(isMapping) : [];
  const hidden = variables.filter(({ name }) => !PUBLIC.test(String(name))).map((variable) => variable.value);
  return [...hidden, ...Object.values(others)].filter(
    (text): text is string => typeof text === 'string' && text.length > 2,
  );
}
