import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { EXIT_CANNOT_DECIDE, EXIT_FAILED, EXIT_NOT_RECOGNISED } from '../../../src/cache/rules.ts';
import { optionalProgram } from '../../support/optional-programs.ts';
import { SCRIPT } from '../../support/script-shells.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const TEMPLATE = 'src/exec/ekspress-exec.template.sh';

it('The script is what the template and the rules give', () => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/render-exec.mjs', '--check'], { cwd: root });
  expect({ status, stderr: stderr.toString() }).toEqual({ status: 0, stderr: '' });
});

it('The script can be run', () => {
  expect(statSync(SCRIPT).mode & 0o111).toBe(0o111);
});

const shellcheck = optionalProgram('shellcheck');

it.skipIf(!shellcheck)('Shellcheck has no objection beyond those that the script declares', () => {
  const { status, stdout } = spawnSync(shellcheck ?? '', [SCRIPT]);
  expect({ status, stdout: stdout.toString() }).toEqual({ status: 0, stdout: '' });
});

it('The script evaluates nothing but a declared variable, by a name of letters, digits and underscores', () => {
  const declared = '    eval "ek_value=\\${$ek_key-} ek_set=\\${$ek_key+=}"\n';
  const script = readFileSync(SCRIPT, 'utf8');
  expect(script.split(declared)).toHaveLength(2);
  const code = script.replace(declared, '').replaceAll(/^\s*#.*$/gm, '');
  expect(code).not.toMatch(/\beval\b|(^|[;&|]\s*)(\.|source|trap)\s/m);
});

it('The script has no here-document, which some shells keep in a file', () => {
  expect(readFileSync(SCRIPT, 'utf8')).not.toMatch(/<</);
});

it('The script that a hit reads has no comments but its header and the directives of shellcheck', () => {
  const [hit = '', miss] = readFileSync(SCRIPT, 'utf8').split('# 3. The miss');
  expect(miss).toBeDefined();
  const [, ...code] = hit.split('\n\n');
  expect(code.join('\n').match(/^\s*#(?! shellcheck ).*$/gm)).toBeNull();
});

it('The protocol in ARCHITECTURE.md and in the template has the exit statuses of the rules', () => {
  const pages = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8') + readFileSync(join(root, TEMPLATE), 'utf8');
  for (const [name, status] of Object.entries({ EXIT_CANNOT_DECIDE, EXIT_NOT_RECOGNISED, EXIT_FAILED })) {
    expect(pages).toContain(`| ${status} (\`${name}\`) |`);
    expect(pages).toContain(`#   ${status} ${name} `);
  }
});
