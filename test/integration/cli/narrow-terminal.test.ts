import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
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
  it.each([60, 80, 200])('is one path on a line of its own on a terminal of %i columns', (columns) => {
    const shown = atTerminal(columns, 'apply', '--all', '--yes', '--no-compare');
    const [backup] = readdirSync(join(home.path, '.kube', 'ekspress', 'backups'));
    expect(shown).toContain(`\nBackup:\n  ~/.kube/ekspress/backups/${backup}\n`);
  });
});

describe.skipIf(script === undefined)('the file that keeps a login', () => {
  it.each([
    [60, 'file\n    '],
    [80, 'file       '],
  ])('is one path on a terminal of %i columns', (columns, before) => {
    mkdirSync(join(home.path, '.aws'), { recursive: true });
    writeFileSync(
      join(home.path, '.aws', 'config'),
      '[default]\nsso_start_url = https://acme.awsapps.com/start\nsso_region = us-east-1\nsso_account_id = 123456789012\nsso_role_name = x\n',
    );
    const shown = atTerminal(columns, 'login', '--all', '--dry-run');
    expect(shown).toMatch(new RegExp(`^  ${before}~/.aws/sso/cache/[0-9a-f]{40}\\.json$`, 'm'));
  });
});

describe.skipIf(script === undefined)('the state of the current context', () => {
  it('is not broken at its blank on a terminal of 60 columns', () => {
    const arn = 'arn:aws:eks:us-east-1:123456789012:cluster/payments';
    home.write(
      manyUsers(1)
        .replace('{name: dev-0, context', `{name: ${arn}, context`)
        .replace('current-context: dev-0', `current-context: ${arn}`),
    );
    expect(atTerminal(60)).toContain(`Current context:\n  ${arn}\n  (not applied)\n`);
  });
});
