/** Characters that terminals draw two columns wide: Unicode's East Asian Width W and F, and pictures. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x231a, 0x231b],
  [0x2329, 0x232a],
  [0x23e9, 0x23ec],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18d08],
  [0x1b000, 0x1b2fb],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1faff],
  [0x20000, 0x3fffd],
];

/** How many columns of a terminal a text takes. The text is one line without colours. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const part of graphemes(text)) width += graphemeWidth(part);
  return width;
}

/** The text in at most `columns`, its end or (for names that differ at their end) its middle given up for a `…`. */
export function fitted(text: string, columns: number, lost: 'end' | 'middle' = 'end'): string {
  if (displayWidth(text) <= columns) return text;
  if (columns <= 1) return columns === 1 ? '…' : '';
  const parts = graphemes(text);
  if (lost === 'end') return `${taken(parts, columns - 1)}…`;
  const behind = Math.ceil((columns - 1) / 2);
  const end = [...taken([...parts].reverse(), behind, true)].join('');
  return `${taken(parts, columns - 1 - displayWidth(end))}…${end}`;
}

/** Filled with blanks to `columns`. */
export function padded(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - displayWidth(text)));
}

/** A name out of somebody's file, without what would move the cursor, change colours or turn the direction. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}\p{Cs}]/gu, '·');
}

/** Broken at blanks into lines of at most `columns`; the lines after the first begin with `indent`. */
export function wrapped(text: string, columns: number, indent = ''): string {
  const lines: string[] = [];
  let line = /^ */.exec(text)?.[0] ?? '';
  let empty = true;
  for (const word of text.trimStart().split(' ')) {
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

function taken(parts: readonly string[], columns: number, reversed = false): string {
  let left = columns;
  const kept: string[] = [];
  for (const part of parts) {
    left -= graphemeWidth(part);
    if (left < 0) break;
    kept.push(part);
  }
  return (reversed ? kept.reverse() : kept).join('');
}

function graphemes(text: string): string[] {
  // Most names are plain.
  if (/^[\x20-\x7e]*$/.test(text)) return [...text];
  return Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);
}

function graphemeWidth(grapheme: string): number {
  const code = grapheme.codePointAt(0) ?? 0;
  if (code >= 0x20 && code < 0x7f) return 1;
  if (/^[\p{Cc}\p{Mn}\p{Me}\p{Cf}]/u.test(grapheme)) return 0;
  return grapheme.includes('\uFE0F') || WIDE.some(([from, to]) => code >= from && code <= to) ? 2 : 1;
}
