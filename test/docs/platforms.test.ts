import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readPage, root } from '../support/pages.ts';

it('The page of platforms is what its script writes from the table of tests, all of which exist', () => {
  const script = join(root, 'scripts/platforms.mjs');
  const program = `import(${JSON.stringify(script)}).then(({ platformsPage }) => process.stdout.write(platformsPage()))`;
  expect(execFileSync(process.execPath, ['-e', program], { encoding: 'utf8' })).toBe(
    readPage('docs/guides/platforms.md'),
  );
});
