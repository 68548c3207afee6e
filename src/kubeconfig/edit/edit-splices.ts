/** One replacement in a text: `text` replaces the characters from `start` up to `end`. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * The text with all splices applied. Everything outside of them stays, byte for byte. Insertions at the same position keep
 * the order in which they are given.
 * @throws Error if two splices overlap
 */
export function applySplices(text: string, splices: readonly Splice[]): string {
  const ordered = inOrder(splices);
  let result = '';
  let position = 0;
  for (const { start, end, text: replacement } of ordered) {
    if (start < position || end < start) throw new Error('two edits of one place');
    result += text.slice(position, start) + replacement;
    position = end;
  }
  return result + text.slice(position);
}

/** The splices sorted by their position in the text. */
export function inOrder(splices: readonly Splice[]): readonly Splice[] {
  return [...splices].sort((a, b) => a.start - b.start || a.end - b.end);
}
