import { describe, expect, it } from 'vitest';
import {
  broken,
  displayWidth,
  fitted,
  fittedApart,
  padded,
  printable,
  wrapped,
} from '../../../../src/cli/terminal/display-width.ts';
import { painter } from '../../../../src/cli/terminal/paint.ts';
import { formatTable } from '../../../../src/cli/terminal/table.ts';
import { span } from '../../../../src/cli/terminal/times.ts';

describe('a text on a terminal', () => {
  it.each([
    ['dev', 3],
    ['개발-클러스터', 13],
    ['生产集群', 8],
    ['ｗｉｄｅ', 8],
    ['é', 1],
    ['e\u0301', 1],
    ['🚀', 2],
    ['👩‍💻', 2],
    ['✔', 1],
    ['', 0],
  ])('like %j takes %i columns', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });

  it('loses its end or its middle where it is too long, never half a character', () => {
    expect(fitted('개발-클러스터', 6)).toBe('개발-…');
    expect(fitted('개발클러스터', 4)).toBe('개…');
    expect(displayWidth(fitted('개발클러스터', 4))).toBeLessThanOrEqual(4);
    const arn = 'arn:aws:eks:us-east-1:123456789012:cluster/dev';
    expect(fitted(arn, 20, 'middle')).toBe('arn:aws:e…luster/dev');
    expect(fitted('dev', 3)).toBe('dev');
    expect(fitted('dev', 1)).toBe('…');
    expect(fitted('dev', 0)).toBe('');
  });

  it('is filled up by columns, not by characters', () => {
    expect(padded('개발', 6)).toBe('개발  ');
  });

  it('is broken at blanks, with what it begins with', () => {
    expect(wrapped('  one two three', 9, '    ')).toBe('  one two\n    three');
    expect(wrapped('개발 클러스터', 8)).toBe('개발\n클러스터');
    expect(wrapped('aVeryLongWord and', 5)).toBe('aVeryLongWord\nand');
    expect(wrapped('log in: `aws sso login`, then', 20, '  ')).toBe('log in:\n  `aws sso login`,\n  then');
    expect(wrapped('run `a b c d e f g h`', 10, '  ')).toBe('run\n  `a b c d e f g h`');
    expect(wrapped('run `a b c d e f g h`, then', 10)).toBe('run\n`a b c d e f g h`,\nthen');
    expect(wrapped('an odd ` stays', 6)).toBe('an odd\n`\nstays');
    expect(wrapped('off a terminal', Number.POSITIVE_INFINITY)).toBe('off a terminal');
  });

  it('is broken anywhere where a part of it may not be lost', () => {
    expect(broken('signed by arn:aws:iam::1', 10)).toEqual(['signed by', 'arn:aws:ia', 'm::1']);
    expect(broken('클러스터', 3)).toEqual(['클', '러', '스', '터']);
    expect(broken('클러', 1)).toEqual(['클', '러']);
    expect(broken('', 5)).toEqual(['']);
  });

  it('keeps as a name what tells it from the others, and the mark of the current one', () => {
    const [one, two] = ['111122223333', '444455556666'].map((id) => `arn:aws:eks:us-east-1:${id}:cluster/dev`);
    expect(fittedApart([one ?? '', two ?? '', 'dev'], 25)).toEqual([
      '…111122223333:cluster/dev',
      '…444455556666:cluster/dev',
      'dev',
    ]);
    expect(fittedApart([`* ${one}`, `  ${two}`], 20)).toEqual(['* …23333:cluster/dev', '  …56666:cluster/dev']);
    expect(fittedApart([one ?? '', 'other'], 20)).toEqual(['…2223333:cluster/dev', 'other']);
    expect(fittedApart([one ?? '', one ?? ''], 20)).toEqual(['…2223333:cluster/dev', '…2223333:cluster/dev']);
  });

  it('cannot move the cursor, colour the screen or turn the direction as a name', () => {
    expect(printable('a\x1b[2Jb\u202Ec\nd\u0007')).toBe('a·[2Jb·c·d·');
  });
});

describe('a table', () => {
  const columns = [
    { title: 'NAME', importance: 0, lost: 'middle', atLeast: 10 } as const,
    { title: 'STATE', importance: 0, atLeast: 7 },
    { title: 'REGION', importance: 1, atLeast: 9 },
  ];
  const rows = [
    [{ text: '개발-클러스터' }, { text: 'applied', colour: 'green' as const }, { text: 'us-east-1' }],
    [{ text: 'arn:aws:eks:us-east-1:123456789012:cluster/dev' }, { text: 'drifted' }, { text: 'eu-west-1' }],
  ];
  const screen = (columnCount: number, colour = false) => ({ live: true, colour, columns: columnCount });
  const linesOf = (text: string) => text.trimEnd().split('\n');

  it('aligns Korean and Latin names by what they take on the screen', () => {
    const [, first = '', second = ''] = linesOf(formatTable(columns, rows, screen(120)));
    expect(displayWidth(first.slice(0, first.indexOf('applied')))).toBe(second.indexOf('drifted'));
  });

  it.each([200, 80, 60, 40, 30, 20])('fits into %i columns', (width) => {
    for (const line of linesOf(formatTable(columns, rows, screen(width))))
      expect(displayWidth(line)).toBeLessThanOrEqual(width);
  });

  it('gives up the least important column before it shortens what matters', () => {
    const wider = [...columns, { title: 'ACCOUNT', importance: 2, atLeast: 7 }];
    const withAccount = rows.map((row) => [...row, { text: '1234567' }]);
    const narrow = formatTable(wider, withAccount, screen(38));
    expect(narrow).not.toContain('ACCOUNT');
    expect(narrow).toContain('REGION');
    expect(formatTable(wider, withAccount, screen(26))).not.toContain('REGION');
    expect(narrow).toContain('drifted');
  });

  it('has colours only where the screen has', () => {
    expect(formatTable(columns, rows, screen(80))).not.toContain('\x1b');
    expect(formatTable(columns, rows, screen(80, true))).toContain('\x1b[32mapplied\x1b[39m');
    expect(painter({ colour: false })('red', 'x')).toBe('x');
  });
});

it.each([
  [0, '0s'],
  [59.9, '59s'],
  [725, '12m 05s'],
  [11_405, '3h 10m'],
])('A time of %d seconds is shown as %s', (seconds, text) => {
  expect(span(seconds)).toBe(text);
});
