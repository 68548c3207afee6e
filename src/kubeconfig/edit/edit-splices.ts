/** One replacement in a text: the characters from `start` up to `end` give way to `text`. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * The text with every splice applied; everything outside of them stays, byte for byte. Splices that insert at the same
 * place come out in the order in which they are given.
 * @throws Error where two of them overlap
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

/** The splices by their place in the text. */
export function inOrder(splices: readonly Splice[]): readonly Splice[] {
  return [...splices].sort((a, b) => a.start - b.start || a.end - b.end);
}
