import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { blocksIn, pages, readPage, root } from '../support/pages.ts';

const source = (path: string) => readFileSync(join(root, path), 'utf8');

/** The commands that remedies name, each with the code of its error, as far as they are constant. */
function remedyCommands(): { readonly code: string; readonly command: string }[] {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    /^(aws|cluster|kubeconfig)\/.*\.ts$/.test(name),
  );
  return files.flatMap((name) => {
    const text = source(`src/${name}`);
    const file = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
    const found: { code: string; command: string }[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isNewExpression(node) && node.expression.getText() === 'EKSAuthError') {
        const [code, , details] = node.arguments ?? [];
        const words = details?.getText().matchAll(/\\?`((?:aws|kubectl|npm)(?: [a-z][\w-]*\b(?!-))+)/g) ?? [];
        if (code && ts.isStringLiteral(code))
          for (const [, command = ''] of words) found.push({ code: code.text, command });
      }
      ts.forEachChild(node, visit);
    };
    visit(file);
    return found;
  });
}

describe('the documentation', () => {
  it('names the error codes of the code, and the troubleshooting guide has a place for each', () => {
    const [, union = ''] = /export type EKSAuthErrorCode =([^;]*);/.exec(source('src/errors.ts')) ?? [];
    const codes = [...union.matchAll(/'(\w+)'/g)].map(([, code]) => code);
    expect(codes.length).toBeGreaterThan(10);
    const headings = [...readPage('docs/guides/troubleshooting.md').matchAll(/^## ([A-Z_]+)$/gm)].map(
      ([, code]) => code,
    );
    expect(headings.sort()).toEqual(codes.sort());
  });

  it('names the remedies that the code gives with each error', () => {
    const guide = readPage('docs/guides/troubleshooting.md');
    const missing = remedyCommands().filter(({ code, command }) => {
      const section = guide.slice(guide.indexOf(`## ${code}\n`)).split('\n## ')[0] ?? '';
      return !section.includes(command);
    });
    expect([...new Set(missing.map(({ code, command }) => `${code}: ${command}`))]).toEqual([]);
    expect(remedyCommands().length).toBeGreaterThan(10);
  });

  it('names the commands that ekspress has', () => {
    const commands = new Set(
      [...source('src/cli/commands.ts').matchAll(/\{ name: '([\w-]+)', load/g)].map(([, name]) => name),
    );
    expect(commands.size).toBeGreaterThan(3);
    const spoken = pages().flatMap((page) =>
      [...readPage(page).matchAll(/`ekspress ([a-z][\w-]*)/g)].map(([, name]) => ({ page, name })),
    );
    const typed = blocksIn('sh').flatMap(({ page, text }) =>
      [...text.matchAll(/^ekspress ([a-z][\w-]*)/gm)].map(([, name]) => ({ page, name })),
    );
    expect([...spoken, ...typed].filter(({ name }) => !commands.has(name))).toEqual([]);
    expect(spoken.length).toBeGreaterThan(10);
  });

  it('names only variables that are read somewhere', () => {
    const read = [
      'src/cache/rules.ts',
      'src/cache/directory/directory.ts',
      'src/text/setting.ts',
      'src/kubeconfig/edit/other-tools.ts',
      'src/exec/ekspress-exec.template.sh',
    ]
      .map(source)
      .join();
    const names = pages().flatMap((page) => readPage(page).match(/\b(EKS_TOKEN|K8S_TOKEN)_[A-Z_]+\b/g) ?? []);
    expect([...new Set(names)].filter((name) => !read.includes(name))).toEqual([]);
  });
});
