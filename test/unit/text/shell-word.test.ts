import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { quoted, shellWord, unquoted } from '../../../src/text/shell-word.ts';

const texts = ['', 'a', 'a b', "it's", "''", '$(x) `y` "z" \\ * ~', 'a\nb', '/home/me/.kube/config'];

it.each(texts)('A shell reads %j as it is', (text) => {
  const read = (word: string) => execFileSync('sh', ['-c', `printf %s ${word}`], { encoding: 'utf8' });
  expect(read(quoted(text))).toBe(text);
  expect(unquoted(quoted(text))).toBe(text);
  if (text !== '') expect(read(shellWord(text))).toBe(text);
});

it('A plain path is not quoted, so that a person reads it easily and ~ keeps its meaning', () => {
  expect(['~/.kube/config', '/a/b-c_d.e:f@g+h'].map(shellWord)).toEqual(['~/.kube/config', '/a/b-c_d.e:f@g+h']);
});
