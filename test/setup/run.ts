import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DOOR } from '../support/door-programs.ts';
import { findProgram } from '../support/find-program.ts';
import { compareOutside, lookOutside } from './outside.ts';

/**
 * Once for each run, before the first file of tests: one folder for all that the tests write, and one PATH that holds
 * only what every machine with Node has. A test that uses another program without asking for it (`optionalProgram`)
 * fails on every machine, not only on a small one.
 *
 * Afterwards: the folder is removed, what was skipped is said with its reason, and a change outside of the folder
 * fails the run.
 */
export function setup(): () => void {
  const before = lookOutside();
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'ekspress-t-'));
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  mkdirSync(join(folder, 'skipped'));
  const outer = process.env.PATH ?? '';
  symlinkSync(process.execPath, join(bin, 'node'));
  for (const name of DOOR) {
    const path = findProgram(name, outer);
    if (path !== undefined) symlinkSync(path, join(bin, name));
  }
  process.env.EKSPRESS_TEST_FOLDER = folder;
  process.env.EKSPRESS_TEST_OUTER_PATH = outer;
  process.env.EKSPRESS_TEST_PATH = bin;
  return () => {
    for (const line of skippedLines(join(folder, 'skipped'))) console.log(line);
    rmSync(folder, { recursive: true, force: true });
    const changes = compareOutside(before, lookOutside());
    if (changes.length === 0) return;
    console.error(`Tests wrote outside of their folder:\n${changes.map((line) => `  ${line}`).join('\n')}`);
    process.exitCode = 1;
  };
}

/** `skipped: no kubectl (examples/migration.test.ts and 2 more)`, one line for each reason. */
function skippedLines(folder: string): string[] {
  return readdirSync(folder)
    .sort()
    .map((name) => {
      const files = new Set(readFileSync(join(folder, name), 'utf8').split('\n').filter(Boolean));
      const [first = '', ...others] = [...files].sort();
      const more = others.length === 0 ? '' : ` and ${others.length} more`;
      return `skipped: ${decodeURIComponent(name)} (${first}${more})`;
    });
}
