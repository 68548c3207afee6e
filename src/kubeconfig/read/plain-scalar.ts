/**
 * The meaning of an unquoted value in kubectl. No field that ekspress reads holds a number, so the size of a number is
 * not exact.
 */
export type PlainValue = string | number | boolean | null;

const WORDS: ReadonlyMap<string, boolean | null> = new Map<string, boolean | null>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
]);
const LONGEST_WORD = 5;
const SPECIAL_NUMBERS = /^(?:[+-]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
/** As Go's strconv.ParseInt reads bases other than ten. */
const WITH_BASE = /^([+-]?)(0(?:[bB][01]+|[oO][0-7]+|[xX][\da-fA-F]+))$/;
/** No number of 64 bits is longer. */
const MAX_CHARS_WITH_BASE = 67;
const FLOATING = /^[+-]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][+-]?\d+)?$/;

/**
 * Reads a value without quotes and tags as kubectl does, which follows YAML 1.1: `yes` and `0b11` are not texts there. Other
 * parsers of YAML follow 1.2.
 */
export function plainValue(text: string): PlainValue {
  // A map computes the hash of the whole text, which may be a certificate.
  const word = text.length <= LONGEST_WORD ? WORDS.get(text) : undefined;
  if (word !== undefined) return word;
  if (!/^[+.\d-]/.test(text)) return text;
  if (SPECIAL_NUMBERS.test(text)) return Number.POSITIVE_INFINITY;
  // Only a number that begins with a digit or a sign may have underscores.
  const digits = text.startsWith('.') ? text : text.replaceAll('_', '');
  const [, sign, whole] = (digits.length <= MAX_CHARS_WITH_BASE && WITH_BASE.exec(digits)) || [];
  if (whole !== undefined && BigInt(whole.toLowerCase()) <= (sign === '-' ? 1n << 63n : (1n << 64n) - 1n)) {
    return Number(whole.toLowerCase());
  }
  // A number that no float64 can hold stays a text.
  return FLOATING.test(digits) && Number.isFinite(Number(digits)) ? Number(digits) : text;
}

/** The name of a kind of value in messages. */
export function kindOfValue(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number') return 'a number';
  if (typeof value === 'boolean') return 'a truth value';
  return typeof value === 'object' ? 'a mapping' : 'a single value';
}
