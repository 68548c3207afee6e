import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { blocksIn, codeBlocks, pages, programs, root } from '../support/pages.ts';

const blocks = programs();
const examples = readdirSync(join(root, 'examples'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.mjs'))
  .map((name) => join(root, 'examples', name));

/** A block as if it lay in the root of the repository, where the package and its peers can be imported. */
const virtual = new Map(
  blocks.map(({ name, text }) => [join(root, `${name.replaceAll(/\W/g, '_')}.mts`), `${text}\nexport {};\n`]),
);

/** What the compiler complains about, each as `page:line message`. */
function complaints(): string[] {
  const config = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
  const host = ts.createCompilerHost({ ...options });
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => virtual.has(path) || fileExists(path);
  host.readFile = (path) => virtual.get(path) ?? readFile(path);
  host.getSourceFile = (path, options, ...more) => {
    const text = virtual.get(path);
    return text === undefined ? getSourceFile(path, options, ...more) : ts.createSourceFile(path, text, options);
  };
  const program = ts.createProgram(
    [...virtual.keys(), ...examples],
    {
      ...options,
      allowJs: true,
      checkJs: true,
      // A page shows one thing at a time: names that the reader goes on with may stay unused.
      noUnusedLocals: false,
      exactOptionalPropertyTypes: true,
    },
    host,
  );
  const ours = program.getSourceFiles().filter(({ fileName }) => virtual.has(fileName) || examples.includes(fileName));
  return ours.flatMap((file) =>
    [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
      ({ start = 0, messageText }) => {
        const { line } = file.getLineAndCharacterOfPosition(start);
        const block = blocks[[...virtual.keys()].indexOf(file.fileName)];
        const place = block ? `${block.page}:${block.line + line}` : `${file.fileName.slice(root.length)}:${line + 1}`;
        return `${place} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
      },
    ),
  );
}

describe('the code in the documentation', () => {
  it('compiles, strictly, and so do the examples', { timeout: 240_000 }, () => {
    expect(blocks.length).toBeGreaterThan(3);
    expect(complaints()).toEqual([]);
  });

  it('has a language that some test knows', () => {
    const known = new Set([
      'ts',
      'js',
      'sh',
      'yaml',
      'json',
      'text',
      'promql',
      'dockerfile',
      'ini',
      'hcl',
      'powershell',
    ]);
    const others = pages()
      .flatMap(codeBlocks)
      .filter(({ page, language }) => !known.has(language) && page !== 'ARCHITECTURE.md');
    expect(others.map(({ page, line, language }) => `${page}:${line} ${language}`)).toEqual([]);
  });

  it('has data that parses', () => {
    for (const { name, text } of blocksIn('json')) expect(() => JSON.parse(text), name).not.toThrow();
    for (const { name, text } of blocksIn('yaml'))
      expect(
        parseAllDocuments(text).flatMap(({ errors }) => errors),
        name,
      ).toEqual([]);
  });
});
