import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAIN, type ManagerHome, makeHome, manyUsers } from '../../support/cli-home.ts';
import { optionalProgram } from '../../support/optional-programs.ts';

const script = process.platform === 'linux' ? optionalProgram('script') : undefined;

let home: ManagerHome;
beforeEach(() => {
  home = makeHome();
  home.write(manyUsers(2));
});
afterEach(() => home.remove());

function atTerminal(columns: number, ...words: string[]): string {
  const command = [process.execPath, MAIN, ...words].map((word) => `'${word}'`).join(' ');
  const env = { ...home.env, TERM: 'xterm', SHELL: '/bin/sh' };
  const options = { env, encoding: 'utf8' } as const;
  const shown = execFileSync(script ?? '', ['-qec', `stty columns ${columns}; ${command}`, '/dev/null'], options);
  return stripVTControlCharacters(shown).replaceAll('\r', '');
}

describe.skipIf(script === undefined)('the place of a backup', () => {
  it.each([
    [60, 'Backup in ~/.kube/ekspress/backups:\n  '],
    [200, 'Backup:\n  ~/.kube/ekspress/backups/'],
  ])('is whole on a terminal of %i columns', (columns, before) => {
    const shown = atTerminal(columns, 'apply', '--all', '--yes', '--no-compare');
    const [backup] = readdirSync(join(home.path, '.kube', 'ekspress', 'backups'));
    expect(shown).toContain(`${before}${backup}\n`);
    for (const line of shown.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
  });
});
