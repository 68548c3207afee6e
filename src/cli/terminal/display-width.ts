import stringWidth from 'string-width';

/** How many columns of a terminal a text takes. */
export function displayWidth(text: string): number {
  return stringWidth(text);
}

/** The text in at most `columns`. A `…` replaces its end or, for names that differ at their end, its middle. */
export function fitted(text: string, columns: number, lost: 'end' | 'middle' = 'end'): string {
  if (displayWidth(text) <= columns) return text;
  if (columns <= 1) return columns === 1 ? '…' : '';
  const parts = graphemes(text);
  if (lost === 'end') return `${taken(parts, columns - 1).join('')}…`;
  const end = taken(parts.toReversed(), Math.ceil((columns - 1) / 2))
    .reverse()
    .join('');
  return `${taken(parts, columns - 1 - displayWidth(end)).join('')}…${end}`;
}

/**
 * Names in at most `columns`. Each loses its middle, an ARN its beginning. Where two of them would then look alike, they lose
 * what is before their first difference, and then the part between that and their last one. A mark of the current one (`* `),
 * and the blanks in its place, stay.
 */
export function fittedApart(names: readonly string[], columns: number): readonly string[] {
  if (names.length > 1 && names.every((name) => /^[* ] /.test(name))) {
    const short = fittedApart(
      names.map((name) => name.slice(2)),
      columns - 2,
    );
    return names.map((name, index) => name.slice(0, 2) + short[index]);
  }
  const plain = new Map([...new Set(names)].map((name) => [name, inShort(name, columns)]));
  const alike = new Map<string, string[]>();
  for (const [name, short] of plain) alike.set(short, [...(alike.get(short) ?? []), name]);
  for (const group of alike.values()) {
    if (group.length < 2) continue;
    const start = firstDifference(group);
    const ends = group.map((name) => graphemes(name).slice(start));
    const whole = ends.map((parts) => withLastPart(parts, columns));
    const isApart = new Set(whole).size === group.length;
    for (const [index, name] of group.entries()) {
      const end = isApart ? (whole[index] ?? '') : fitted(`…${ends[index]?.join('')}`, columns);
      plain.set(name, displayWidth(end) < columns ? endOf(graphemes(name), columns) : end);
    }
  }
  return names.map((name) => plain.get(name) ?? '');
}

/** The end of an ARN has the name of the cluster. Its beginning is that of every ARN. */
function inShort(name: string, columns: number): string {
  const isLongARN = name.startsWith('arn:') && displayWidth(name) > columns;
  return isLongARN && columns > 1 ? endOf(graphemes(name), columns) : fitted(name, columns, 'middle');
}

/** What remains of a name after `…`: its first characters, and all after its last colon if there is room for four of them. */
function withLastPart(parts: readonly string[], columns: number): string {
  const last = parts.slice(parts.lastIndexOf(':') + 1).join('');
  const room = columns - 2 - displayWidth(last);
  if (displayWidth(parts.join('')) < columns) return `…${parts.join('')}`;
  return room < 4 ? fitted(`…${parts.join('')}`, columns, 'middle') : `…${taken(parts, room).join('')}…${last}`;
}

function endOf(parts: readonly string[], columns: number): string {
  return `…${taken(parts.toReversed(), columns - 1)
    .reverse()
    .join('')}`;
}

/** How many first characters all of the names share. */
function firstDifference(names: readonly string[]): number {
  const all = names.map(graphemes);
  const [first = []] = all;
  const at = first.findIndex((part, index) => all.some((parts) => parts[index] !== part));
  return at === -1 ? first.length : at;
}

/** The text filled with blanks to `columns`. */
export function padded(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - displayWidth(text)));
}

/** A name from a file without the characters that move the cursor, change colours or turn the direction of text. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}\p{Cs}]/gu, '·');
}

/**
 * The text broken at blanks into lines of at most `columns`. Lines after the first begin with `indent`. A command in
 * backticks stays on one line, so that it can be copied. One that is too long has a line of its own.
 */
export function wrapped(text: string, columns: number, indent = ''): string {
  const lines: string[] = [];
  let line = /^ */.exec(text)?.[0] ?? '';
  let empty = true;
  for (const word of wordsOf(text.trimStart())) {
    const longer = empty ? line + word : `${line} ${word}`;
    if (!empty && displayWidth(longer) > columns) {
      lines.push(line);
      line = indent + word;
    } else {
      line = longer;
    }
    empty = false;
  }
  return [...lines, line].join('\n');
}

/** The text broken into lines of at most `columns`, at blanks where there are any, else anywhere. Nothing is lost. */
export function broken(text: string, columns: number): readonly string[] {
  return wrapped(text, columns)
    .split('\n')
    .flatMap((line) => {
      const lines: string[] = [];
      let rest = graphemes(line);
      while (rest.length > 0) {
        const first = taken(rest, columns);
        // A wide character in one column.
        const count = Math.max(1, first.length);
        lines.push(rest.slice(0, count).join(''));
        rest = rest.slice(count);
      }
      return lines.length === 0 ? [''] : lines;
    });
}

/** The words between blanks. What stands in backticks is one word. */
function wordsOf(text: string): readonly string[] {
  const words: string[] = [];
  let open: string[] = [];
  let inBackticks = false;
  for (const word of text.split(' ')) {
    open.push(word);
    if (word.split('`').length % 2 === 0) inBackticks = !inBackticks;
    if (inBackticks) continue;
    words.push(open.join(' '));
    open = [];
  }
  return [...words, ...open];
}

/** The first parts that fit into `columns`. (cli-truncate is one column too wide with wide characters.) */
function taken(parts: readonly string[], columns: number): string[] {
  let left = columns;
  const end = parts.findIndex((part) => {
    left -= displayWidth(part);
    return left < 0;
  });
  return parts.slice(0, end === -1 ? parts.length : end);
}

function graphemes(text: string): string[] {
  // Most names are plain.
  if (/^[\x20-\x7e]*$/.test(text)) return [...text];
  return Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);
}
