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
 * backticks stays on one line where it fits into one, so that it can be copied.
 */
export function wrapped(text: string, columns: number, indent = ''): string {
  const lines: string[] = [];
  let line = /^ */.exec(text)?.[0] ?? '';
  let empty = true;
  for (const word of wordsOf(text.trimStart(), columns - indent.length)) {
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

/** The words between blanks. What stands in backticks is one word if it fits into a line. */
function wordsOf(text: string, room: number): readonly string[] {
  const words: string[] = [];
  let open: string[] = [];
  for (const word of text.split(' ')) {
    open.push(word);
    const command = open.join(' ');
    if ((command.match(/`/g)?.length ?? 0) % 2 === 1 && displayWidth(command) <= room) continue;
    words.push(...(displayWidth(command) <= room ? [command] : open));
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
