import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { Token } from '../../../../src/aws/token/token.ts';

const SECRET = 'k8s-aws-v1.c2VjcmV0';
const token = new Token(SECRET, new Date('2026-01-02T03:04:05Z'));

it('A token hands its value out through .token alone', () => {
  expect(token.token).toBe(SECRET);
});

it.each([
  ['util.inspect', inspect(token, { depth: 9, showHidden: true })],
  ['an inspected holder', inspect({ nested: { token } }, { depth: 9 })],
  ['JSON.stringify', JSON.stringify({ token })],
  ['object spread', JSON.stringify({ ...token })],
  ['a template string', `${token}`],
])('A token shows no value through %s', (_, shown) => {
  expect(shown).not.toContain('c2VjcmV0');
});

it('A token shows when it ends', () => {
  expect(JSON.stringify(token)).toBe('{"expiresAt":"2026-01-02T03:04:05.000Z"}');
  expect(inspect(token)).toContain('2026-01-02T03:04:05.000Z');
});
