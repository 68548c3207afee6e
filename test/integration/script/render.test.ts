import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { optionalProgram } from '../../support/optional-programs.ts';
import { SCRIPT } from './shells.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

it('the script is what the template and the rules give', () => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/render-exec.mjs', '--check'], { cwd: root });
  expect({ status, stderr: stderr.toString() }).toEqual({ status: 0, stderr: '' });
});

it('the script can be run', () => {
  expect(statSync(SCRIPT).mode & 0o111).toBe(0o111);
});

const shellcheck = optionalProgram('shellcheck');

it.skipIf(!shellcheck)('shellcheck has no objection beyond those that the script declares', () => {
  const { status, stdout } = spawnSync(shellcheck ?? '', [SCRIPT]);
  expect({ status, stdout: stdout.toString() }).toEqual({ status: 0, stdout: '' });
});

it('the script evaluates nothing', () => {
  const code = readFileSync(SCRIPT, 'utf8').replaceAll(/^\s*#.*$/gm, '');
  expect(code).not.toMatch(/\beval\b|(^|[;&|]\s*)(\.|source|trap)\s/m);
});
