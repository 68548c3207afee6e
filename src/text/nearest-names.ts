import { joined, type Sentence, sentence } from './sentence.ts';

export { shown } from './sentence.ts';

/** How many names an error message offers, how many it compares, and how many characters of each it compares. */
const OFFERED = 3;
const COMPARED = 2_000;
const SHOWN_CHARS = 120;
const SLIPS = 2;

/** ` Did you mean "a" or "b"?`. If no name is similar: the first names that exist. Empty if there are no names. */
export function suggestNames(wanted: string, all: readonly string[]): Sentence {
  const names = [...new Set(all)];
  if (names.length === 0) return sentence``;
  if (nearNames(wanted, names).length > 0) return didYouMean(wanted, names);
  const rest = names.length - OFFERED;
  const some = named(names.slice(0, OFFERED), ', ');
  const more = rest > 0 ? sentence` and ${rest} more` : sentence``;
  return names.length === 1 ? sentence` There is ${some}.` : sentence` There are ${some}${more}.`;
}

/** ` Did you mean "a" or "b"?`. Empty if no name is similar: names that may not be told to everyone are not listed. */
export function didYouMean(wanted: string, all: readonly string[]): Sentence {
  const near = nearNames(wanted, [...new Set(all)]);
  return near.length === 0 ? sentence`` : sentence` Did you mean ${named(near, ' or ')}?`;
}

/** The names that are similar, the nearest first. */
export function nearNames(wanted: string, all: readonly string[]): string[] {
  return all
    .slice(0, COMPARED)
    .map((name) => ({ name, distance: distance(folded(wanted), folded(name)) }))
    .filter(({ name, distance }) => distance <= Math.max(folded(wanted).length, folded(name).length) / 2)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, OFFERED)
    .map(({ name }) => name);
}

function named(names: readonly string[], between: string): Sentence {
  return joined(
    names.map((name) => sentence`${name}`),
    between,
  );
}

function folded(name: string): string {
  return name.slice(0, SHOWN_CHARS).toLowerCase();
}

/** Whether a name looks like a slip of the keys for another one. */
export function isMisspelt(name: string, all: readonly string[]): boolean {
  return all.some((one) => edits(folded(name), folded(one)) <= SLIPS);
}

/** 0 if one name contains the other, else the number of edits. */
function distance(a: string, b: string): number {
  return a !== '' && b !== '' && (a.includes(b) || b.includes(a)) ? 0 : edits(a, b);
}

/** The least number of characters to insert, delete or replace. What both begin and end with costs nothing: ARNs have much of it. */
function edits(one: string, other: string): number {
  const [a, b] = withoutEnds(one, other);
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}

function withoutEnds(one: string, other: string): readonly [string, string] {
  const most = Math.min(one.length, other.length);
  let start = 0;
  while (start < most && one[start] === other[start]) start += 1;
  let end = 0;
  while (end < most - start && one.at(-1 - end) === other.at(-1 - end)) end += 1;
  return [one.slice(start, one.length - end), other.slice(start, other.length - end)];
}
