import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { listFiles } from '../../support/source-file.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** What only one file of src may do, so that its rules hold everywhere; the local EKS and AWS of the test kit stand alone. */
const DOORS: readonly (readonly [what: string, door: string, words: RegExp])[] = [
  [
    'reads addresses, by rules that no release of Node changes',
    'src/aws/http/read-url.ts',
    /\bnew URL\(|\bURL\.(canParse|parse)\(|\bdomainTo(ASCII|Unicode)\b/,
  ],
  [
    'waits for signals, with one listener on each',
    'src/system/link-signals.ts',
    /addEventListener\(\s*'abort'|\.onabort\b|AbortSignal\.any\(/,
  ],
];

describe.each(DOORS)('the one file %s', (_, door, words) => {
  it(`is ${door}`, () => {
    const found = listFiles(root, 'src', '.ts')
      .filter((path) => !path.startsWith('src/testing/'))
      .filter((path) => {
        const code = readFileSync(join(root, path), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
        return words.test(code);
      });
    expect(found).toEqual([door]);
  });
});
