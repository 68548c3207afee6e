import { nearNames } from '../text/nearest-names.ts';

/** A fault in a value. */
export interface Wrong {
  /** The position in the value: `.directory`, `[0]`; empty for the value itself. */
  readonly at: string;
  /** The end of a sentence: `is a text, not true or false.` */
  readonly what: string;
  /** The allowed values, in words. */
  readonly allowed: string;
}

/** The check of a value. */
export interface Check {
  /** The allowed values in words: `true or false`. */
  readonly allowed: string;
  /** @throws EKSAuthError where the check has words of its own */
  find(value: unknown): Wrong | undefined;
  /** Not listed among the allowed options, because it is not part of the public types. */
  readonly internal?: true;
}

/**
 * A check for each option of a type. The compiler refuses a schema that lacks an option of the type or has an
 * additional one.
 */
export type Schema<Options> = { readonly [Name in keyof Options]-?: Check };

/** The check by a test function. */
export function that(allowed: string, test: (value: unknown) => boolean): Check {
  return {
    allowed,
    find: (value) => (test(value) ? undefined : { at: '', what: `is ${nameOf(value)}, not ${allowed}.`, allowed }),
  };
}

export const TEXT: Check = that('a text', (value) => typeof value === 'string');
export const FLAG: Check = that('true or false', (value) => typeof value === 'boolean');
export const CALLABLE: Check = that('a function', (value) => typeof value === 'function');
export const TIME: Check = that('a valid Date', isTime);
/** A clock. It is called once, here: a clock that returns numbers would fail far from its option. */
export const CLOCK: Check = {
  allowed: 'a function that returns a Date',
  find(value) {
    const wrong = CALLABLE.find(value);
    if (wrong || typeof value !== 'function') return wrong;
    const told: unknown = value();
    return isTime(told)
      ? undefined
      : { at: '', what: `returns ${nameOf(told)}, not a valid Date.`, allowed: this.allowed };
  },
};
/** The longest time of a timer of Node. */
const LONGEST_MS = 2 ** 31 - 1;
export const DURATION_MS: Check = that(
  `a number of milliseconds above 0 and up to ${LONGEST_MS}`,
  (value) => typeof value === 'number' && value > 0 && value <= LONGEST_MS,
);
export const PORT: Check = that('a port: a whole number from 0 to 65535', (value) => isWhole(value, 0, 65_535));
export const SIGNAL: Check = that(
  'an AbortSignal, such as AbortSignal.timeout(5_000)',
  (value) => typeof (value as AbortSignal | null)?.addEventListener === 'function' && 'aborted' in Object(value),
);

/** The check by another part of the code, which has its own error messages. */
export function checkedBy(allowed: string, check: (value: never) => unknown): Check {
  return {
    allowed,
    find(value) {
      check(value as never);
      return undefined;
    },
  };
}

/** For a value that is checked where it is used, with its own error messages. */
export function checkedLater(allowed: string): Check {
  return { allowed, find: () => undefined };
}

/** For an option that only ekspress itself passes. */
export const INTERNAL: Check = { allowed: 'nothing', find: () => undefined, internal: true };

/** A whole number from `least` to `most`. */
export function whole(allowed: string, least: number, most: number): Check {
  return that(allowed, (value) => isWhole(value, least, most));
}

function isTime(value: unknown): boolean {
  return value instanceof Date && !Number.isNaN(value.getTime());
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

/** One of some words. */
export function oneOf(...words: readonly string[]): Check {
  const allowed = enumerated(words.map(quoted), 'or');
  return {
    allowed,
    find(value) {
      if (words.includes(value as string)) return undefined;
      if (typeof value !== 'string') return { at: '', what: `is ${nameOf(value)}, not ${allowed}.`, allowed };
      const near = nearNames(value, words).map(quoted);
      const hint = near.length > 0 ? ` Did you mean ${enumerated(near, 'or')}?` : '';
      return { at: '', what: `is ${quoted(value)}, not ${allowed}.${hint}`, allowed };
    },
  };
}

/** A list whose members pass a check. */
export function listOf(allowed: string, member: Check): Check {
  return {
    allowed,
    find(value) {
      if (!Array.isArray(value)) return { at: '', what: `is ${nameOf(value)}, not ${allowed}.`, allowed };
      for (const [index, one] of value.entries()) {
        const wrong = member.find(one);
        if (wrong) return { ...wrong, at: `[${index}]${wrong.at}` };
      }
      return undefined;
    },
  };
}

/** An object with any names, whose values all pass a check. */
export function mapOf(allowed: string, member: Check): Check {
  return {
    allowed,
    find(value) {
      if (!isObject(value)) return { at: '', what: `is ${nameOf(value)}, not ${allowed}.`, allowed };
      for (const [name, one] of Object.entries(value)) {
        const wrong = one === undefined ? undefined : member.find(one);
        if (wrong) return { ...wrong, at: `[${JSON.stringify(name)}]${wrong.at}` };
      }
      return undefined;
    },
  };
}

/**
 * An object with these fields.
 * @param known names of other fields that it may have, because values of elsewhere bring them; messages do not list them
 */
export function fields<Options extends object>(
  schema: Schema<Options>,
  {
    required = [],
    known = [],
  }: { readonly required?: readonly (keyof Options & string)[]; readonly known?: readonly string[] } = {},
): Check {
  const checks: Readonly<Record<string, Check>> = schema;
  const names = publicNames(checks);
  const written = names.map((name) => (required.some((one) => one === name) ? name : `${name}?`));
  const allowed = `{ ${written.join(', ')} }`;
  return {
    allowed,
    find(value) {
      if (!isObject(value)) return { at: '', what: `is ${nameOf(value)}, not ${allowed}.`, allowed };
      const given = value as Readonly<Record<string, unknown>>;
      const missing = required.find((name) => given[name] === undefined);
      for (const [name, one] of Object.entries(given)) {
        const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
        if (check === undefined && known.includes(name)) continue;
        if (check === undefined) {
          const near = nearTo(name, checks) || (missing === undefined ? '' : ` It needs ${missing}.`);
          return { at: '', what: `has no field ${JSON.stringify(name)}.${near}`, allowed };
        }
        const wrong = one === undefined ? undefined : check.find(one);
        if (wrong) return { ...wrong, at: `.${name}${wrong.at}` };
      }
      return missing && { at: '', what: `has no ${missing}.`, allowed };
    },
  };
}

/** A value that passes the check, or null. */
export function nullable(check: Check): Check {
  return { ...check, find: (value) => (value === null ? undefined : check.find(value)) };
}

/** A value that passes one of these checks. The last one describes a fault inside the value. */
export function either(...checks: readonly Check[]): Check {
  const allowed = enumerated(
    checks.map((check) => check.allowed),
    'or',
  );
  return {
    allowed,
    find(value) {
      const wrongs = checks.map((check) => check.find(value));
      if (wrongs.includes(undefined)) return undefined;
      const inside = wrongs.find((wrong) => wrong && (wrong.at !== '' || wrong.what.startsWith('has ')));
      const words = wrongs.find((wrong) => wrong?.what.startsWith('is "'))?.what;
      const near = words?.match(/ Did you mean .*/)?.[0];
      const is = words === undefined ? nameOf(value) : quoted(String(value));
      return inside ?? { at: '', what: `is ${is}, not ${allowed}.${near ?? ''}`, allowed };
    },
  };
}

/** The names that a message may list. */
export function publicNames(checks: Readonly<Record<string, Check>>): string[] {
  return Object.keys(checks).filter((name) => checks[name]?.internal !== true);
}

/** ` Did you mean "context"?`, or nothing. */
export function nearTo(name: string, checks: Readonly<Record<string, Check>>): string {
  const near = nearNames(name, publicNames(checks)).map((one) => JSON.stringify(one));
  return near.length > 0 ? ` Did you mean ${enumerated(near, 'or')}?` : '';
}

/** `a, b and c` */
export function enumerated(words: readonly string[], last = 'and'): string {
  const first = words.slice(0, -1);
  return first.length === 0 ? words.join('') : `${first.join(', ')} ${last} ${words.at(-1)}`;
}

/** The type of a value, never its content, which may be a secret. */
export function nameOf(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return value === '' ? 'an empty text' : 'a text';
  if (typeof value === 'number') return Number.isFinite(value) ? `the number ${value}` : String(value);
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Promise) return 'a promise';
  if (value instanceof Date) return isTime(value) ? 'a Date' : 'an invalid Date';
  if (value instanceof URL) return 'a URL';
  if (value instanceof Uint8Array) return Buffer.isBuffer(value) ? 'a Buffer' : 'a Uint8Array';
  return typeof value === 'object' ? 'an object' : typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Promise);
}

function quoted(word: string): string {
  return JSON.stringify(word.length > 60 ? `${word.slice(0, 60)}…` : word);
}
