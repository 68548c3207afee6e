import { expect, it } from 'vitest';
import { manPageOf } from '../../../../src/cli/shell/man-page.ts';

it('Lines of the manual page that begin with a dot or an apostrophe are text', () => {
  const about = ['.profile is a file', "'quoted' at its start"];
  const command = { name: 'x', group: 'Other', summary: 's', usage: [''], options: {}, globals: [], about } as const;
  const page = manPageOf([{ ...command, run: async () => 0 }], '1.2.3');
  expect(page).toContain('\n\\&.profile is a file\n');
  expect(page).toContain('\n\\(aqquoted\\(aq at its start\n');
});
