import { appendFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { findProgram, findPrograms } from './find-program.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** PATH of the person who runs the tests. Tests themselves have a smaller one. */
export const OUTER_PATH: string = process.env.EKSPRESS_TEST_OUTER_PATH ?? '';

/**
 * A program that not every machine has, by its whole path. Where it is absent, the run says at its end that something
 * was skipped, with this name and the file of the test.
 */
export function optionalProgram(name: string): string | undefined {
  const path = findProgram(name, OUTER_PATH);
  if (path === undefined) noteSkipped(`no ${name}`);
  return path;
}

/** Every program of that name on the person's PATH, without a word where there is none. */
export function everyProgram(name: string): string[] {
  return findPrograms(name, OUTER_PATH);
}

/** Says at the end of the run that tests of this file were skipped. @param reason such as `no mount namespaces` */
export function noteSkipped(reason: string): void {
  const folder = process.env.EKSPRESS_TEST_FOLDER ?? '';
  const file = expect.getState().testPath ?? '';
  appendFileSync(join(folder, 'skipped', encodeURIComponent(reason)), `${relative(join(root, 'test'), file)}\n`);
}
