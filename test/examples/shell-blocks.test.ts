import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSandbox } from '../support/example-sandbox.ts';
import { blocksIn, root } from '../support/pages.ts';

const blocks = blocksIn('sh').filter(({ page }) => !['CONTRIBUTING.md'].includes(page));
const pages = [...new Set(blocks.map(({ page }) => page))];

describe.concurrent('the commands in the documentation', () => {
  it.each(pages)('work, page by page: %s', async (page) => {
    await using sandbox = await openSandbox();
    for (const { name, text, note } of blocks.filter((block) => block.page === page)) {
      const expected = Number(/^fails (\d+)$/.exec(note)?.[1] ?? 0);
      const { status, output } = await sandbox.type(
        text,
        page.startsWith('examples/') ? join(root, 'examples') : undefined,
      );
      expect({ status, output }, `${name}\n${text}`).toMatchObject({ status: expected });
      expect(output).not.toMatch(/k8s-aws-v1\.\w/);
    }
  });

  it('print what the pages show as printed', async () => {
    await using sandbox = await openSandbox();
    const shown = blocksIn('text').filter(({ note }) => note.startsWith('printed by '));
    expect(shown.length).toBeGreaterThan(0);
    for (const { name, note, text } of shown) {
      const { output } = await sandbox.type(note.slice('printed by '.length));
      expect(output, name).toContain(text);
    }
  });
});
