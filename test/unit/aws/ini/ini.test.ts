import { describe, expect, it } from 'vitest';
import { readProfiles } from '../../../../src/aws/ini/profiles.ts';
import { pythonJSON } from '../../../../src/aws/ini/python-json.ts';
import { collapseSpace, splitLines, strip } from '../../../../src/aws/ini/python-text.ts';
import { INISyntaxError, parseINI } from '../../../../src/aws/ini/raw-config-parser.ts';
import { shellWords } from '../../../../src/aws/ini/shell-words.ts';
import { Undecidable } from '../../../../src/aws/undecidable.ts';

const plain = (text: string): unknown =>
  Object.fromEntries(
    [...parseINI(text)].map(([name, section]) => [
      name,
      Object.fromEntries(
        [...section].map(([key, value]) => [key, value instanceof Map ? Object.fromEntries(value) : value]),
      ),
    ]),
  );

describe('the INI dialect of the AWS CLI', () => {
  it.each<[string, string, unknown]>([
    ['= and : separate', '[a]\nx=1\ny: 2\nz = 3 = 4', { a: { x: '1', y: '2', z: '3 = 4' } }],
    ['keys are lower-cased, sections are not', '[A]\nFoo = Bar', { A: { foo: 'Bar' } }],
    ['a comment takes a whole line', '# c\n[a]\n; c\nx = 1\n  # c\ny = 2', { a: { x: '1', y: '2' } }],
    ['what follows a value is part of it', '[a]\nx = 1 # one ; two', { a: { x: '1 # one ; two' } }],
    ['quotes are part of a value', '[a]\nx = "1"', { a: { x: '"1"' } }],
    ['deeper lines continue a value', '[a]\nx = 1\n  2\n\n  3\ny = 4', { a: { x: '1\n2\n\n3', y: '4' } }],
    ['settings under a key', '[a]\ns3 =\n  one = 1\n  two = 2', { a: { s3: { one: '1', two: '2' } } }],
    ['text after a section', '[a] whatever\nx=1', { a: { x: '1' } }],
    ['an empty value', '[a]\nx =', { a: { x: '' } }],
    ['blanks inside the brackets', '[ a ]\nx=1', { ' a ': { x: '1' } }],
    ['any line end', '[a]\r\nx=1\ry=2\n', { a: { x: '1', y: '2' } }],
    [
      '[DEFAULT] lends its keys',
      '[DEFAULT]\nx=1\ny=2\n[a]\ny=3\n[b]',
      { a: { x: '1', y: '3' }, b: { x: '1', y: '2' } },
    ],
    ['an indented section continues nothing', '  [a]\n  x = 1\n  y = 2', { a: { x: '1', y: '2' } }],
  ])('is read as Python reads it: %s', (_, text, expected) => {
    expect(plain(text)).toEqual(expected);
  });

  it.each<[string, string, RegExp, number]>([
    ['text before the first section', 'x = 1', /before the first section/, 1],
    ['a byte order mark', '\ufeff[a]\nx=1', /before the first section/, 1],
    ['a section twice', '[a]\n[b]\n[a]', /^a section twice/, 3],
    ['a key twice', '[a]\nx=1\nX=2', /^a key twice/, 3],
    ['a line that is nothing', '[a]\nnonsense\nx=1', /neither/, 2],
    ['a line without a key', '[a]\n= 1', /neither/, 2],
  ])('refuses %s, with its line', (_, text, message, line) => {
    expect(() => parseINI(text)).toThrow(message);
    expect(() => parseINI(text)).toThrow(expect.objectContaining({ name: 'INISyntaxError', line }) as INISyntaxError);
  });

  it('refuses a nested line without =', () => {
    expect(() => parseINI('[a]\ns3 =\n  nonsense')).toThrow(INISyntaxError);
  });

  it('leaves to the CLI what releases of Python disagree on', () => {
    expect(() => parseINI('[a]b]\nx=1')).toThrow(Undecidable);
  });
});

describe('the profiles of both files', () => {
  it('stand in the config file as [profile name], in the credentials file by name', () => {
    const files = readProfiles(
      '[default]\nregion=1\n[profile dev]\nregion=2\n[profile "my prof"]\nregion=3\n[plain]\nregion=4\n[profile a b]\nx=1\n',
      '[dev]\naws_access_key_id=A\n[profile odd]\nregion=5\n',
    );
    expect([...files.profiles.keys()].sort()).toEqual(['default', 'dev', 'my prof', 'profile odd']);
    expect(files.configProfiles.has('profile odd')).toBe(false);
    expect([...files.others.keys()]).toEqual(['plain']);
  });

  it('take each key of the credentials file before that of the config file', () => {
    const { profiles } = readProfiles('[profile dev]\nregion=1\noutput=json', '[dev]\nregion=2');
    expect(Object.fromEntries(profiles.get('dev') ?? [])).toEqual({ region: '2', output: 'json' });
  });

  it('take the later of [default] and [profile default] whole', () => {
    expect(readProfiles('[default]\nx=1\ny=1\n[profile default]\nx=2', undefined).profiles.get('default')).toEqual(
      new Map([['x', '2']]),
    );
    expect(readProfiles('[profile default]\nx=2\n[default]\nx=1', undefined).profiles.get('default')).toEqual(
      new Map([['x', '1']]),
    );
  });

  it('keep SSO sessions and services in sections of their own', () => {
    const files = readProfiles(
      '[sso-session s]\nsso_region=r\n[services local]\nsts =\n  endpoint_url = http://x\n',
      undefined,
    );
    expect(files.ssoSessions.get('s')).toEqual(new Map([['sso_region', 'r']]));
    expect(files.services.get('local')?.get('sts')).toEqual(new Map([['endpoint_url', 'http://x']]));
  });
});

describe('the words of a command', () => {
  it.each<[string, string[] | undefined]>([
    ['a b  c', ['a', 'b', 'c']],
    [`a 'b c' "d e"`, ['a', 'b c', 'd e']],
    [`a'b'"c"`, ['abc']],
    [`"a\\"b" 'a\\b' a\\ b`, ['a"b', 'a\\b', 'a b']],
    [`"a\\b\\$"`, ['a\\b\\$']],
    ['$HOME | x # y', ['$HOME', '|', 'x', '#', 'y']],
    [`'' ""`, ['', '']],
    ['', []],
    [`'open`, undefined],
    ['end\\', undefined],
  ])('are split as Python splits them: %s', (text, words) => {
    expect(shellWords(text)).toEqual(words);
  });
});

describe('text as Python sees it', () => {
  it('has other white space than JavaScript', () => {
    expect(strip('\u0085\u001c a \u001f\u00a0')).toBe('a');
    expect(strip('\ufeffa')).toBe('\ufeffa');
    expect(collapseSpace(' a\t\n b\u3000c ')).toBe('a b c');
    expect(splitLines('a\u2028b\u0085c\r\nd')).toEqual(['a', 'b', 'c', 'd']);
  });

  it('has JSON with sorted keys, blanks and escapes, because file names are made of it', () => {
    expect(pythonJSON({ b: 'é"\u007f', a: 900, c: undefined }, 'spaced')).toBe('{"a": 900, "b": "\\u00e9\\"\\u007f"}');
    expect(pythonJSON({ b: '1', a: '2' }, 'compact')).toBe('{"a":"2","b":"1"}');
  });
});
