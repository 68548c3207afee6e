import { expect, it } from 'vitest';
import type { Command, Terminal } from '../../../../src/cli/command.ts';
import { completionOf } from '../../../../src/cli/shell/completion.ts';

it('A name with a line break, a tab or an escape sequence is not a completion', async () => {
  const names = ['plain', 'two\nlines', ':0\n:4', 'tab\thelp', '\u001b[31mred', '\u202Eback', '$(id)'];
  const base = { name: 'x', group: 'Other', summary: 's', usage: [''], options: {}, globals: [], about: [] } as const;
  const command: Command = { ...base, choices: () => names, run: async () => 0 };
  let printed = '';
  const out = (text: string): void => {
    printed += text;
  };
  const terminal = { out } as unknown as Terminal;
  const line = { values: {}, words: ['kubectl'], program: ['x', ''] };
  await completionOf(async () => [command]).run(line as never, terminal);
  expect(printed).toBe('plain\n$(id)\n:4\n');
});
