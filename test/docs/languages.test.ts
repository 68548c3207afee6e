import { describe, expect, it } from 'vitest';
import { codeBlocks, readPage } from '../support/pages.ts';

const shapeOf = (page: string) => ({
  headings: [...readPage(page).matchAll(/^(#+) /gm)].map(([, level]) => level),
  rows: readPage(page).match(/^\|/gm)?.length,
  items: readPage(page).match(/^- /gm)?.length,
  links: [...readPage(page).matchAll(/\]\(([^)]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !target.startsWith('README')),
  code: codeBlocks(page).map(({ language, text, note }) => ({ language, text, note })),
});

/** What each section names in code: options, variables, files. A translation that lacks one says less than the English page. */
const namedIn = (page: string) =>
  readPage(page)
    .replace(/```[\s\S]*?```/g, '')
    .split(/^## /m)
    .map((section) => [...new Set(section.match(/`[^`\n]+`/g))].sort());

describe('the README in other languages', () => {
  it.each(['README.ko.md', 'README.zh.md'])('%s has the sections, lists, links and code of the English one', (page) => {
    expect(shapeOf(page)).toEqual(shapeOf('README.md'));
  });

  it.each(['README.ko.md', 'README.zh.md'])(
    '%s names the options, variables and files of the English one, section by section',
    (page) => {
      expect(namedIn(page)).toEqual(namedIn('README.md'));
    },
  );
});
