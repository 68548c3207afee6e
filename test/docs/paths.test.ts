import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pages, readPage, root } from '../support/pages.ts';

/** Pages that speak of the repository as it is; the changelog speaks of what was. */
const READ = pages().filter((page) => page !== 'CHANGELOG.md' && !page.startsWith('examples/'));

const FOLDERS = ['.ci', '.github', 'bench', 'bin', 'docs', 'examples', 'scripts', 'src', 'test'];

/** What a build makes, or what stands for any name. */
const NOT_A_PATH = /[*<>$]|^docs\/api\//;

/** Paths of the repository that a page names between backticks, alone or in a command. */
function pathsIn(text: string): string[] {
  const prose = text.replace(/^ {0,3}```[\s\S]*?^ {0,3}```/gm, '');
  const words = [...prose.matchAll(/`([^`\n]+)`/g)].flatMap(([, code = '']) => code.split(/\s+/));
  return words
    .map((word) => word.replace(/^\.\//, '').replace(/[.,;:]+$/, ''))
    .filter((word) => FOLDERS.some((folder) => word.startsWith(`${folder}/`)) && !NOT_A_PATH.test(word))
    .flatMap(alternatives);
}

/** `src/{a,b}.ts` names two files. */
function alternatives(path: string): string[] {
  const [, before = '', choices, after = ''] = /^(.*?)\{([^}]*)\}(.*)$/.exec(path) ?? [];
  if (choices === undefined) return [path];
  return choices.split(',').flatMap((choice) => alternatives(`${before}${choice}${after}`));
}

describe('the paths of the repository in the documentation', () => {
  it.each(READ)('exist: %s', (page) => {
    expect(pathsIn(readPage(page)).filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('are found between backticks, alone, in a command and as alternatives', () => {
    expect(
      pathsIn('See `src/a.ts`, `node scripts/b.mjs --check` and `test/{unit,docs}/`; not `npm test` or src/c.'),
    ).toEqual(['src/a.ts', 'scripts/b.mjs', 'test/unit/', 'test/docs/']);
    expect(pathsIn('```sh\ncat src/d.ts `src/e.ts`\n```\n`src/**/*.ts` `docs/<page>.md` `.kube/src/x`')).toEqual([]);
  });
});
