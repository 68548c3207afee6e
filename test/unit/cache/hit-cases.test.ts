import { expect, it } from 'vitest';
import { hitCases } from '../../hit-cases/hit-cases.ts';

it('The table asks for hits as well as for misses', () => {
  const hits = hitCases.filter(({ verdict }) => verdict === 'hit').length;
  expect(hits / hitCases.length).toBeGreaterThanOrEqual(0.4);
});

it('Every case has a title of its own', () => {
  expect(new Set(hitCases.map(({ title }) => title)).size).toBe(hitCases.length);
});
