/** The text as one word of sh. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The text of a word that {@link quoted} wrote. */
export function unquoted(word: string): string {
  return word.replaceAll(`'\\''`, '\0').replaceAll("'", '').replaceAll('\0', "'");
}

/** A path for a command that a user pastes into a shell. A `~/` at its start stays, as shells expand it. */
export function shellWord(path: string): string {
  return /^~?[A-Za-z0-9_./@:+-]+$/.test(path) ? path : quoted(path);
}
