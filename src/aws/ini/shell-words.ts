/**
 * `shlex.split()`: words with POSIX quoting, no comments, no expansion. `undefined` where Python raises, that is for an
 * open quotation or a backslash at the end.
 */
export function shellWords(text: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote: '"' | "'" | undefined;
  const characters = [...text];
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at] ?? '';
    if (quote === "'") {
      if (character === "'") quote = undefined;
      else word = (word ?? '') + character;
    } else if (quote === '"') {
      if (character === '"') quote = undefined;
      else if (character === '\\') {
        at += 1;
        const escaped = characters[at];
        if (escaped === undefined) return undefined;
        // Inside double quotes a backslash escapes the quote and itself; before anything else it stays.
        word = (word ?? '') + (escaped === '"' || escaped === '\\' ? escaped : `\\${escaped}`);
      } else word = (word ?? '') + character;
    } else if (character === "'" || character === '"') {
      quote = character;
      word ??= '';
    } else if (character === '\\') {
      at += 1;
      const escaped = characters[at];
      if (escaped === undefined) return undefined;
      word = (word ?? '') + escaped;
    } else if (' \t\r\n'.includes(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + character;
  }
  if (quote !== undefined) return undefined;
  if (word !== undefined) words.push(word);
  return words;
}
