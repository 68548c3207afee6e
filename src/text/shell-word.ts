/** A word of sh that stands for exactly this text. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The text of a word that {@link quoted} wrote. */
export function unquoted(word: string): string {
  return word.replaceAll(`'\\''`, '\0').replaceAll("'", '').replaceAll('\0', "'");
}

/** A path in a command that a person may paste into a shell. `~/x` stays as it is: the shell knows what that means. */
export function shellWord(path: string): string {
  return /^~?[A-Za-z0-9_./@:+-]+$/.test(path) ? path : quoted(path);
}
