import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readPage, root } from '../support/pages.ts';
import { errorCodes, remediesByCode } from '../support/remedies-by-code.ts';

const PAGE = 'docs/guides/troubleshooting.md';
const BEGIN = '<!-- remedies of the code; npm run docs:troubleshooting writes them -->';
const END = '<!-- end of the remedies -->';

/** The page with the remedies of the sources below the text of each code. */
function withRemedies(page: string): string {
  const remedies = remediesByCode(errorCodes());
  const [first = '', ...sections] = page.split(/^(?=## )/m);
  const written = sections.map((section) => {
    const [, code = ''] = /^## ([A-Z_]+)$/m.exec(section) ?? [];
    const texts = remedies.get(code) ?? [];
    if (texts.length === 0) return section;
    const own = section.split(BEGIN)[0]?.trimEnd() ?? '';
    const lines = texts.map((text) => `- ${text.replaceAll('\n', ' ').replaceAll('<', '&lt;')}`);
    return `${own}\n\n${BEGIN}\n\nWhat the remedies say, with words in capitals for your own names:\n\n${lines.join('\n')}\n\n${END}\n\n`;
  });
  return [first, ...written].join('');
}

it('The troubleshooting page lists every remedy that the sources give with a code', async () => {
  const page = readPage(PAGE);
  const written = withRemedies(page);
  expect(written.split(BEGIN).length).toBeGreaterThan(12);
  await expect(written).toMatchFileSnapshot(join(root, PAGE));
});
