import { printable } from '../terminal/display-width.ts';

/** The names that the same words are about, by the words: what has one cause is said once. */
export function namesByWords(
  told: Iterable<readonly [words: string, names: readonly string[]]>,
): ReadonlyMap<string, readonly string[]> {
  const all = new Map<string, string[]>();
  for (const [words, names] of told) all.set(words, [...(all.get(words) ?? []), ...names]);
  return all;
}

/** The first names, and how many more there are. */
export function namesInShort(names: readonly string[], most = 3): string {
  const first = names.slice(0, most).map(printable).join(', ');
  return names.length > most ? `${first} and ${names.length - most} more` : first;
}
