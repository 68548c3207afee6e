import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Seal } from '../../../src/store/seal.ts';

const secret = randomBytes(32);
const what = { kind: 'token', identity: '["dev","https://sts.us-east-1.amazonaws.com"]' };
const text = `k8s-aws-v1.${'a'.repeat(2_000)}`;

describe('a sealed value', () => {
  it('opens for whom it was sealed, and is other bytes each time', () => {
    const seal = new Seal(secret, 'fleet');
    const value = seal.seal(what, text);
    expect(new Seal(secret, 'fleet').open(what, value)).toBe(text);
    expect(seal.seal(what, text)).not.toEqual(value);
  });

  it.each([
    ['another secret', new Seal(randomBytes(32), 'fleet'), what],
    ['another fleet', new Seal(secret, 'other'), what],
    ['another identity', new Seal(secret, 'fleet'), { ...what, identity: `${what.identity} ` }],
    ['another kind', new Seal(secret, 'fleet'), { ...what, kind: 'note' }],
    [
      'parts that are divided elsewhere',
      new Seal(secret, 'fleet'),
      { kind: `token${what.identity[0]}`, identity: what.identity.slice(1) },
    ],
  ])('does not open with %s', (_, seal, other) => {
    expect(seal.open(other, new Seal(secret, 'fleet').seal(what, text))).toBeUndefined();
    expect(seal.nameOf(other)).not.toBe(new Seal(secret, 'fleet').nameOf(what));
  });

  it('does not open after the change of any single bit', () => {
    const seal = new Seal(secret, 'fleet');
    const value = seal.seal(what, text);
    let opened = 0;
    for (let bit = 0; bit < value.length * 8; bit += 1) {
      const changed = Uint8Array.from(value);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      if (seal.open(what, changed) !== undefined) opened += 1;
    }
    expect(opened).toBe(0);
  });

  it('does not open where it is cut short or lengthened', () => {
    const seal = new Seal(secret, 'fleet');
    const value = seal.seal(what, text);
    for (const length of [0, 1, 13, 28, 29, value.length - 1]) {
      expect(seal.open(what, value.subarray(0, length))).toBeUndefined();
    }
    expect(seal.open(what, Uint8Array.from([...value, 0]))).toBeUndefined();
  });
});
