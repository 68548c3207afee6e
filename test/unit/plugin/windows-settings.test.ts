import { describe, expect, it } from 'vitest';
import { formatWindowsSettings, parseWindowsSettings, searchPath } from '../../../src/plugin/windows-settings.ts';

const SETTINGS = {
  packageFolder: 'C:\\Users\\Kim Lee\\AppData\\Roaming\\npm\\node_modules\\ekspress',
  node: 'v22.11.0 x64',
  programs: ['C:\\Program Files\\Amazon\\AWSCLIV2\\aws.exe', 'D:\\tools\\aws-vault.exe'],
};

describe('the settings of the plugin on Windows', () => {
  it('are read as they were written', () => {
    expect(parseWindowsSettings(formatWindowsSettings(SETTINGS))).toEqual(SETTINGS);
  });

  it.each(['', '{', 'null', '[]', '"x"', '{"programs":"x"}', '{"programs":[1]}'])(
    'are empty where %j stands',
    (text) => {
      expect(parseWindowsSettings(text)).toEqual({ packageFolder: '', node: '', programs: [] });
    },
  );

  it('add the folders of original commands at the end of PATH, so that what PATH finds without them stays the same', () => {
    const folders = 'C:\\Program Files\\Amazon\\AWSCLIV2;D:\\tools';
    expect(searchPath(SETTINGS, 'C:\\Windows;C:\\bin')).toBe(`C:\\Windows;C:\\bin;${folders}`);
    expect(searchPath(SETTINGS)).toBe(folders);
    expect(searchPath({ ...SETTINGS, programs: ['C:\\a;b\\aws.exe'] }, 'C:\\bin')).toBe('C:\\bin');
  });
});
