import { expect, it } from 'vitest';
import { isOnNetwork } from '../../../../src/cli/apply/windows-preview.ts';

it.each(['\\\\server\\home\\kim', '//server/home/kim', '\\\\?\\UNC\\server\\home', '\\\\?\\unc\\server\\home'])(
  'The home %s lies on another machine',
  (path) => {
    expect(isOnNetwork(path)).toBe(true);
  },
);

it.each(['C:\\Users\\kim', 'D:/home/kim', '\\\\?\\C:\\Users\\kim', '\\\\.\\C:\\kim', '/home/kim'])(
  'The home %s lies on this one',
  (path) => {
    expect(isOnNetwork(path)).toBe(false);
  },
);
