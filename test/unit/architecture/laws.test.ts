import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../../support/pages.ts';

const FOLDER = 'test/integration/laws';
const suites = readdirSync(join(root, FOLDER)).sort();

/** What a file names in its imports, lazy and type-only ones included. */
function importsOf(path: string): string[] {
  const text = readFileSync(join(root, path), 'utf8');
  return [...text.matchAll(/\b(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, specifier = '']) => specifier);
}

/** Every file of the repository that a suite imports, directly or through its helpers, each with the way there. */
function reachedFrom(path: string): Map<string, string> {
  const ways = new Map([[path, path]]);
  for (const [file, way] of ways) {
    if (!file.startsWith('test/')) continue;
    for (const specifier of importsOf(file).filter((one) => one.startsWith('.'))) {
      const target = join(dirname(file), specifier);
      if (!ways.has(target)) ways.set(target, `${way} -> ${target}`);
    }
  }
  return ways;
}

it('Each law of the design has one suite', () => {
  const numbers = Array.from({ length: 13 }, (_, index) => String(index + 1).padStart(2, '0'));
  expect(suites.map((name) => name.slice(0, 2))).toEqual(numbers);
});

it.each(suites)('The suite %s uses the doors of the package, and no file of src', (name) => {
  const ways = [...reachedFrom(`${FOLDER}/${name}`).values()];
  expect(ways.filter((way) => / -> src\/[^>]*$/.test(way))).toEqual([]);
  expect(ways.filter((way) => / -> dist\/[^>]*$/.test(way))).toEqual([]);
});
