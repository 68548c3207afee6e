import { joined, type Sentence, sentence } from './sentence.ts';

export { shown } from './sentence.ts';

/** How many names an error message offers, how many it compares, and how many characters of each it compares. */
const OFFERED = 3;
const COMPARED = 2_000;
const SHOWN_CHARS = 120;
const SLIPS = 2;

/** Comparisons of two characters, of which a second has some hundred million. A few hundred names cost less than one in ten. */
const MOST_STEPS = 4_000_000;
/** What a name costs that is only gathered. */
const STEPS_OF_NAME = 10;

/** What may still be spent on similar names. Several errors about one text share it, so that their number costs little. */
export class Effort {
  #left = MOST_STEPS;

  /** @returns false if nothing is left */
  spend(steps: number): boolean {
    this.#left -= steps;
    return this.#left > 0;
  }
}

/**
 * ` Did you mean "a" or "b"?`. If no name is similar: the first names that exist. Empty if there are no names, or no effort
 * is left.
 */
export function suggestNames(
  wanted: string,
  all: readonly string[] | (() => readonly string[]),
  effort: Effort = new Effort(),
): Sentence {
  if (!effort.spend(0)) return sentence``;
  const names = [...new Set(typeof all === 'function' ? all() : all)];
  if (names.length === 0) return sentence``;
  effort.spend(names.length * STEPS_OF_NAME);
  const near = nearNames(wanted, names, effort);
  if (near.length > 0) return offer(near);
  const rest = names.length - OFFERED;
  const some = named(names.slice(0, OFFERED), ', ');
  const more = rest > 0 ? sentence` and ${rest} more` : sentence``;
  return names.length === 1 ? sentence` There is ${some}.` : sentence` There are ${some}${more}.`;
}

/** ` Did you mean "a" or "b"?`. Empty if no name is similar: names that may not be told to everyone are not listed. */
export function didYouMean(wanted: string, all: readonly string[]): Sentence {
  const near = nearNames(wanted, [...new Set(all)]);
  return near.length === 0 ? sentence`` : offer(near);
}

function offer(near: readonly string[]): Sentence {
  return sentence` Did you mean ${named(near, ' or ')}?`;
}

/** The names that are similar, the nearest first. Stops to compare where the effort is spent. */
export function nearNames(wanted: string, all: readonly string[], effort: Effort = new Effort()): string[] {
  const one = folded(wanted);
  const near: { readonly name: string; readonly distance: number }[] = [];
  for (const name of all.slice(0, COMPARED)) {
    const other = folded(name);
    if (!effort.spend(one.length + other.length)) break;
    const apart = distance(one, other, effort);
    if (apart <= Math.max(one.length, other.length) / 2) near.push({ name, distance: apart });
  }
  return near
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
  return all.some((one) => edits(folded(name), folded(one), new Effort()) <= SLIPS);
}

/** 0 if one name contains the other, else the number of edits. */
function distance(a: string, b: string, effort: Effort): number {
  return a !== '' && b !== '' && (a.includes(b) || b.includes(a)) ? 0 : edits(a, b, effort);
}

/** The least number of characters to insert, delete or replace. What both begin and end with costs nothing: ARNs have much of it. */
function edits(one: string, other: string, effort: Effort): number {
  const [a, b] = withoutEnds(one, other);
  effort.spend(a.length * b.length);
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
