import type { EditableKubeconfig } from '../../kubeconfig/edit-kubeconfig.ts';
import { isMapping } from '../../system/mapping.ts';
import { fitted } from '../terminal/display-width.ts';
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
export function unifiedDiff(
  before: EditableKubeconfig,
  after: EditableKubeconfig,
  paint: Paint,
  columns = Number.POSITIVE_INFINITY,
): string {
  if (before.text === after.text) return '';
  const hide = hider(before);
  const lines = [`--- ${before.place}`, `+++ ${before.place}`].map((line) => paint('bold', line));
  for (const { oldFrom, newFrom, changes: bare } of hunksOf(before, after)) {
    const changes = bare.map(({ kind, line }) => ({ kind, line: hide(line) }));
    const count = (kind: Change['kind']) => changes.filter((change) => change.kind === kind).length;
    const [kept, removed, added] = [count(' '), count('-'), count('+')];
    lines.push(paint('cyan', `@@ -${oldFrom + 1},${kept + removed} +${newFrom + 1},${kept + added} @@`));
    const around = excerptOf(changes);
    for (const { kind, line } of changes) {
      const part = cut(line, kind === ' ' ? { front: 0, behind: line.length } : around);
      const text = fitted(`${kind}${part}`, columns);
      lines.push(kind === ' ' ? text : paint(kind === '-' ? 'red' : 'green', text));
    }
  }
  return `${lines.join('\n')}\n`;
}

interface Change {
  readonly kind: ' ' | '-' | '+';
  readonly line: string;
}

interface Hunk {
  readonly oldFrom: number;
  readonly newFrom: number;
  readonly changes: readonly Change[];
}

/** One for each user whose stanza differs: where the stanzas stand is known, so nothing has to be searched. */
function hunksOf(before: EditableKubeconfig, after: EditableKubeconfig): Hunk[] {
  const old = linesOf(before.text);
  const fresh = linesOf(after.text);
  const hunks: (Hunk & { oldTo: number })[] = [];
  for (const [index, { stanza }] of before.users.entries()) {
    const other = after.users[index]?.stanza;
    if (!stanza || !other || stanza.text === other.text) continue;
    const [oldFrom, oldTo] = lineSpan(before.text, stanza.start, stanza.text.length);
    const [newFrom, newTo] = lineSpan(after.text, other.start, other.text.length);
    const changes = compare(old.slice(oldFrom, oldTo), fresh.slice(newFrom, newTo));
    const first = changes.findIndex(({ kind }) => kind !== ' ');
    const last = changes.findLastIndex(({ kind }) => kind !== ' ');
    const skip = Math.max(0, first - CONTEXT);
    const shown = changes.slice(skip, last + CONTEXT + 1);
    const more = Math.max(0, CONTEXT - (changes.length - 1 - last));
    const behind = old.slice(oldTo, oldTo + more).map((line): Change => ({ kind: ' ', line }));
    hunks.push({ oldFrom: oldFrom + skip, newFrom: newFrom + skip, oldTo, changes: [...shown, ...behind] });
  }
  // Two users on one line (JSON) are one change.
  hunks.sort((a, b) => a.oldFrom - b.oldFrom);
  return hunks.filter(({ oldFrom }, index) => index === 0 || oldFrom >= (hunks[index - 1]?.oldTo ?? 0));
}

/** The longest common lines stay, the others go and come: for the few lines of a stanza. */
function compare(old: readonly string[], fresh: readonly string[]): Change[] {
  const common = Array.from({ length: old.length + 1 }, () => new Array<number>(fresh.length + 1).fill(0));
  const at = (row: number, column: number) => common[row]?.[column] ?? 0;
  for (let row = old.length - 1; row >= 0; row -= 1) {
    for (let column = fresh.length - 1; column >= 0; column -= 1) {
      const same = old[row] === fresh[column];
      const best = same ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
      (common[row] ?? [])[column] = best;
    }
  }
  const changes: Change[] = [];
  let [row, column] = [0, 0];
  while (row < old.length || column < fresh.length) {
    const [line, other] = [old[row], fresh[column]];
    if (line !== undefined && line === other) {
      changes.push({ kind: ' ', line });
      row += 1;
      column += 1;
    } else if (line !== undefined && (other === undefined || at(row + 1, column) >= at(row, column + 1))) {
      changes.push({ kind: '-', line });
      row += 1;
    } else {
      changes.push({ kind: '+', line: other ?? '' });
      column += 1;
    }
  }
  return changes;
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

/** How many characters the first line that goes and the first that comes have in common, in front and behind. */
function excerptOf(changes: readonly Change[]): Excerpt {
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

/** Hides every secret that the file is known to hold, and what looks like one. */
function hider({ users }: EditableKubeconfig): (line: string) => string {
  const secrets = new Set(users.flatMap(({ value }) => secretsOf(value)));
  return (line) => {
    let text = line.replace(
      /((?:token|password|[\w-]+-data|secret)["']?\s*:\s*)("[^"]*"|'[^']*'|[^\s,}]+)/gi,
      `$1${HIDDEN}`,
    );
    // What an installHint keeps of the stanza is the stanza once more, with the values of its env.
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
