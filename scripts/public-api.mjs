// The public API as text: every exported declaration of every door of the package, without comments. The file
// test/package/public-api.txt keeps it, so that a change of the API is a visible difference in review.
//
//   node scripts/public-api.mjs           writes the file
//   node scripts/public-api.mjs --check   compares, and exits with 1 where they differ
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const file = join(root, 'test/package/public-api.txt');
const DOORS = ['', 'mcp', 'metrics', 'testing', 'valkey'];

/** The text of a declaration without comments, internal members and bodies. */
function textOf(declaration, printer) {
  const isInternal = (node) => ts.getJSDocTags(node).some(({ tagName }) => tagName.text === 'internal');
  const strip = (context) => {
    const visit = (node) => {
      if (ts.isClassElement(node) || ts.isTypeElement(node)) {
        const name = node.name?.getText?.();
        const isPrivate = ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Private || name?.startsWith('#');
        if (isInternal(node) || isPrivate || ts.isClassStaticBlockDeclaration(node)) return undefined;
      }
      if (ts.isBlock(node)) return undefined;
      return ts.visitEachChild(node, visit, context);
    };
    return (node) => ts.visitNode(node, visit);
  };
  const [stripped] = ts.transform(declaration, [strip]).transformed;
  return printer.printNode(ts.EmitHint.Unspecified, stripped, declaration.getSourceFile());
}

function publicAPI() {
  const config = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
  const entry = (door) => join(root, 'src', door, 'index.ts');
  const program = ts.createProgram(DOORS.map(entry), options);
  const checker = program.getTypeChecker();
  const printer = ts.createPrinter({ removeComments: true });
  return DOORS.map((door) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(entry(door)));
    const exported = checker.getExportsOfModule(module).sort((a, b) => (a.name < b.name ? -1 : 1));
    const texts = exported.flatMap((one) => {
      const symbol = one.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(one) : one;
      // The body of an overloaded function has a signature that callers do not see.
      const shown = symbol.declarations.filter((one, _, all) => all.length === 1 || one.body === undefined);
      return shown.map((declaration) => textOf(declaration, printer));
    });
    return [`### ${door ? `ekspress/${door}` : 'ekspress'}`, ...texts].join('\n\n');
  }).join('\n\n\n');
}

const now = `${publicAPI()}\n`;
if (!process.argv.includes('--check')) {
  writeFileSync(file, now);
} else if (readFileSync(file, 'utf8') !== now) {
  console.error('The public API differs from test/package/public-api.txt.');
  console.error('If it should, run `node scripts/public-api.mjs`, and say in CHANGELOG.md what changes.');
  process.exit(1);
}
