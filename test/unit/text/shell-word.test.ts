import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { quoted, shellOption, shellPath, shellWord, unquoted } from '../../../src/text/shell-word.ts';

const texts = ['', 'a', 'a b', "it's", "''", '$(x) `y` "z" \\ * ~', 'a\nb', '/home/me/.kube/config'];

it.each(texts)('A shell reads %j as it is', (text) => {
  const read = (word: string) => execFileSync('sh', ['-c', `printf %s ${word}`], { encoding: 'utf8' });
  expect(read(quoted(text))).toBe(text);
  expect(unquoted(quoted(text))).toBe(text);
  if (text !== '') expect(read(shellWord(text))).toBe(text);
});

it('A plain path is not quoted, so that a person reads it easily and ~ keeps its meaning', () => {
  expect(['~/.kube/config', '/a/b-c_d.e:f@g+h'].map((path) => shellPath(path))).toEqual([
    '~/.kube/config',
    '/a/b-c_d.e:f@g+h',
  ]);
});

it.each([
  ['~/my dir/a', 'HOME/my dir/a'],
  ['~/plain', 'HOME/plain'],
  ['~x', '~x'],
  ['~root/a', '~root/a'],
  ['-x', './-x'],
  ["/a'b/$(id)", "/a'b/$(id)"],
])('A shell reads the path %j from the folder of the user or as it is', (path, read) => {
  const words = execFileSync('sh', ['-c', `printf %s ${shellPath(path)}`], { encoding: 'utf8', env: { HOME: 'HOME' } });
  expect(words).toBe(read);
});

it.each([
  ['acme', '--profile acme'],
  ['My Account.Admin', "--profile 'My Account.Admin'"],
  ['~x', "--profile '~x'"],
  ['-x', '--profile=-x'],
  ['-x y', "--profile='-x y'"],
  ['', "--profile ''"],
])('An option has the value %j in one word', (value, option) => {
  expect(shellOption('--profile', value)).toBe(option);
});

it.each([
  ['acme', 'acme'],
  ['C:\\Users\\me', 'C:\\Users\\me'],
  ['My Account.Admin', '"My Account.Admin"'],
  ["a'b", '"a\'b"'],
  ['@a', '"@a"'],
  ['$(id)', '"`$(id)"'],
  ["100%'s", '"100%\'s"'],
  ['a"&calc&"', '"a""&calc&"""'],
  ['a\u201d;calc;\u201cb', '"a\u201d\u201d;calc;\u201c\u201cb"'],
  ['a`b', '"a``b"'],
  ['a\ncalc\u0007', '"a`ncalc?"'],
  ['a b\\', '"a b\\\\"'],
])('A command for Windows has the word %j in the quotes of PowerShell and cmd.exe', (name, word) => {
  expect(shellWord(name, 'win32')).toBe(word);
  expect(shellPath(name, 'win32')).toBe(word);
});

it('A relative path that begins with a hyphen is an option on no system', () => {
  expect([shellPath('-x', 'linux'), shellPath('-x', 'win32')]).toEqual(['./-x', '.\\-x']);
});
