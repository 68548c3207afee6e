import { expect, it } from 'vitest';
import { loadAll } from '../../../src/cli/commands.ts';
import { manPageOf } from '../../../src/cli/shell/man-page.ts';

it('The manual page has each command with all its options, its usage and its examples as they are typed', async () => {
  const commands = await loadAll();
  const page = manPageOf(commands, '1.2.3');
  expect(page).toMatch(/^\.TH EKSPRESS 1 "" "ekspress 1\.2\.3" "User Commands"\n/);
  const read = page
    .replaceAll('\\-', '-')
    .replaceAll('\\(aq', "'")
    .replaceAll('\\(ga', '`')
    .replaceAll('\\(ti', '~')
    .replaceAll('\\(ha', '^');
  for (const { name, options, usage, examples = [] } of commands) {
    const [, part = ''] = read.split(`\n.SS ${name}: `);
    const own = part.split('\n.SS ')[0] ?? '';
    for (const option of Object.keys(options)) expect(own, name).toContain(`--${option}`);
    for (const line of usage) expect(own).toContain(`ekspress ${name}${line && ` ${line.replaceAll('…', '...')}`}`);
    for (const line of examples) expect(own).toContain(line.replaceAll('\\', '\\e').replaceAll('…', '...'));
  }
});
