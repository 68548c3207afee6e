import { expect, it } from 'vitest';
import type { HitCase } from '../../hit-cases/hit-case.ts';
import { hitCases } from '../../hit-cases/hit-cases.ts';

const isEncrypted = ({ scriptReason }: HitCase): boolean => scriptReason === 'an encrypted entry';

it('The table asks for hits as well as for misses', () => {
  const plain = hitCases.filter((hitCase) => !isEncrypted(hitCase));
  expect(plain.filter(({ verdict }) => verdict === 'hit').length / plain.length).toBeGreaterThanOrEqual(0.4);
});

it('The table asks for hits of encrypted entries, which are hits of Node, as well as for misses', () => {
  const encrypted = hitCases.filter(isEncrypted);
  expect(encrypted.filter(({ verdict }) => verdict === 'node').length / encrypted.length).toBeGreaterThanOrEqual(0.4);
});

it('Every case has a title of its own', () => {
  expect(new Set(hitCases.map(({ title }) => title)).size).toBe(hitCases.length);
});
