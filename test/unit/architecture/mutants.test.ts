import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

interface Mutant {
  readonly name: string;
  readonly file: string;
  readonly find: string;
}

// The compiler does not read the module, which is JavaScript.
const path: string = '../../mutants/mutants.mjs';
const { mutants } = (await import(path)) as { readonly mutants: readonly Mutant[] };

it('Each mutant fits the code: the text that it takes out stands in its file once', () => {
  const misfits = mutants.filter(({ file, find }) => readFileSync(file, 'utf8').split(find).length !== 2);
  expect(misfits.map(({ name, file }) => `${name} (${file})`)).toEqual([]);
});

it('Each mutant has a name of its own', () => {
  const names = mutants.map(({ name }) => name);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});
