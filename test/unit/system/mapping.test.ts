import { expect, it } from 'vitest';
import { isMapping, parseMapping } from '../../../src/system/mapping.ts';

it('A mapping is neither a list nor a single value', () => {
  expect([{}, { a: 1 }].map(isMapping)).toEqual([true, true]);
  expect([[], null, undefined, 'a', 1, true].map(isMapping)).toEqual([false, false, false, false, false, false]);
});

it('A JSON text that holds anything but a mapping is not one', () => {
  expect(parseMapping('{"a":[1]}')).toEqual({ a: [1] });
  expect(['', '{', '[]', 'null', '"a"', 'NaN'].map(parseMapping)).toEqual(Array(6).fill(undefined));
});
