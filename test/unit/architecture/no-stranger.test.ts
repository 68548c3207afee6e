import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { pages, readPage, root } from '../../support/pages.ts';

/** What asks a registry for a program, or for our package by its name: whoever owns that name there answers. */
const ASKS_REGISTRY =
  /\b(npx|bunx|pnpx)\b|\b(npm (exec|x|init|create)|(pnpm|yarn) (dlx|create)|bun x)\b|--package=|\b(npm|pnpm|yarn|bun) (install|i|add)\b[^`\n]*[ @]ekspress(?=[@\s`'"]|$)/;

/** Every text in a TypeScript file that can be written or printed, with its line. Comments and patterns are none. */
function textsOf(path: string, text: string): { readonly place: string; readonly text: string }[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: { place: string; text: string }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) {
      const { line } = file.getLineAndCharacterOfPosition(node.getStart());
      found.push({ place: `${path}:${line + 1}`, text: node.getText() });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

const below = (folder: string, name: RegExp) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => name.test(path))
    .map((path) => `${folder}/${path}`);

const source = (path: string) => readFileSync(join(root, path), 'utf8');

const guilty = (texts: readonly { place: string; text: string }[]) =>
  texts.filter(({ text }) => ASKS_REGISTRY.test(text)).map(({ place, text }) => `${place} ${text.slice(0, 120)}`);

describe('a text that could make a reader run a package of a stranger', () => {
  it.each([
    'npx ekspress revert --all',
    'npx -y --package=ekspress ekspress mcp',
    'npm install -g ekspress',
    'npm install ekspress @kubernetes/client-node',
    'npm exec ekspress',
    'pnpm dlx ekspress',
  ])('is recognised: %s', (text) => {
    expect(text).toMatch(ASKS_REGISTRY);
  });

  it.each([
    'ekspress revert --all',
    'npm install @kubernetes/client-node@~1.4.0',
    'npm install --global ./ekspress-*.tgz',
    "npm's cache",
  ])('is told from a harmless one: %s', (text) => {
    expect(text).not.toMatch(ASKS_REGISTRY);
  });

  it('is not written or printed by any code of the package', () => {
    const files = below('src', /\.ts$/);
    expect(files.length).toBeGreaterThan(100);
    // Parsing takes its time: only what has such words at all, in a comment perhaps, is looked at more closely.
    const suspect = files.filter((path) => ASKS_REGISTRY.test(source(path)));
    expect(guilty(suspect.flatMap((path) => textsOf(path, source(path))))).toEqual([]);
  });

  it('is in no script and no example of the package', () => {
    const files = [...below('bin', /./), ...below('src', /\.sh$/), ...below('examples', /\.mjs$/)];
    expect(files.length).toBeGreaterThan(5);
    expect(guilty(files.map((path) => ({ place: path, text: source(path) })))).toEqual([]);
  });

  it('is on no page of the documentation', () => {
    // tsx runs the reader's own TypeScript; its name has an owner. The hint of earlier copies is warned of by its words.
    const harmless = (page: string) =>
      /^(SECURITY|CHANGELOG)\.md$/.test(page) ? /npx tsx|`npx ekspress revert --all`/g : /npx tsx/g;
    const lines = pages().flatMap((page) =>
      readPage(page)
        .split('\n')
        .map((text, index) => ({ place: `${page}:${index + 1}`, text: text.replaceAll(harmless(page), '') })),
    );
    expect(guilty(lines)).toEqual([]);
  });
});
