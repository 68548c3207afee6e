import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pages, readPage, root } from '../support/pages.ts';

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const readmes = ['README.md', 'README.ko.md', 'README.zh.md'];
const guides = pages().filter((page) => page.startsWith('docs/guides/'));

describe('the instructions to install ekspress, as long as it is not on the npm registry,', () => {
  it.each([...readmes, ...guides])('stand in %s before any other command', (page) => {
    const text = readPage(page);
    const said = text.indexOf('<!-- not on the registry yet -->');
    expect(said).toBeGreaterThan(0);
    expect(text.slice(said)).toMatch(/npm ci && npm pack[\s\S]*npm install (--global )?\.\/ekspress-\*\.tgz/);
    const firstCommand = text.search(/^```(sh|ts)$/m);
    expect(firstCommand === -1 || said < firstCommand).toBe(true);
  });

  it.each(readmes)('have a command for the commands and one for a service in %s', (page) => {
    expect(readPage(page)).toMatch(/^npm ci && npm pack {2,}#[^\n]*\nnpm install --global \.\/ekspress-\*\.tgz/m);
    expect(readPage(page)).toMatch(/^npm install \.\/ekspress-\*\.tgz @kubernetes\/client-node@~1\.4\.0/m);
  });

  it('name the file that npm pack writes', () => {
    const named = pages().flatMap((page) => readPage(page).match(/ekspress-\d+\.\d+\.\d+\.tgz/g) ?? []);
    expect(new Set(named)).toEqual(new Set([`ekspress-${version}.tgz`]));
  });
});
