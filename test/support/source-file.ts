import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, posix } from 'node:path';
import ts from 'typescript';

/** One place where a file asks for another module. */
export interface Import {
  readonly line: number;
  /** As written between the quotes. */
  readonly specifier: string;
  /** `type` leaves no trace at run time, `lazy` is loaded when the line runs, `eager` with the file. */
  readonly kind: 'eager' | 'lazy' | 'type';
  /** The file of ours (from the root of the repository), the package, or the `node:` module that it means. */
  readonly target: { readonly kind: 'file' | 'package' | 'builtin'; readonly name: string };
}

/** What the rules look at in a file. */
export interface SourceFile {
  /** From the root of the repository, with forward slashes. */
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly Import[];
  /** Lines that read `process.env`. */
  readonly environmentReads: readonly number[];
  /** Lines that add variables to an environment by themselves. */
  readonly overlays: readonly number[];
}

/** Every file under `folder` whose name ends in `extension`, from the root of the repository. */
export function listFiles(root: string, folder: string, extension = ''): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(extension))
    .map((entry) => posix.join(posix.relative(root, entry.parentPath), entry.name))
    .sort();
}

export function readSourceFile(root: string, path: string): SourceFile {
  return parseSourceFile(path, readFileSync(join(root, path), 'utf8'));
}

export function parseSourceFile(path: string, text: string): SourceFile {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const imports: Import[] = [];
  const environmentReads: number[] = [];
  const overlays: number[] = [];
  const lineOf = (node: ts.Node) => source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
  const visit = (node: ts.Node): void => {
    const found = importOf(node);
    if (found) {
      const { specifier, kind } = found;
      imports.push({ line: lineOf(node), specifier, kind, target: targetOf(path, specifier) });
    }
    if (readsEnvironment(node)) environmentReads.push(lineOf(node));
    if (overlaysEnvironment(node)) overlays.push(lineOf(node));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { path, lines: text.replace(/\n$/, '').split('\n').length, imports, environmentReads, overlays };
}

function importOf(node: ts.Node): { specifier: string; kind: Import['kind'] } | undefined {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
    const typeOnly = node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
    return { specifier: node.moduleSpecifier.text, kind: typeOnly ? 'type' : 'eager' };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
    return { specifier: node.moduleSpecifier.text, kind: node.isTypeOnly ? 'type' : 'eager' };
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
    return { specifier: node.argument.literal.text, kind: 'type' };
  }
  if (ts.isCallExpression(node) && loadsModule(node.expression)) {
    const [argument] = node.arguments;
    // A computed specifier cannot be judged; it is shown as what it is and no rule allows it.
    const specifier =
      argument && ts.isStringLiteralLike(argument) ? argument.text : `(computed) ${argument?.getText()}`;
    return { specifier, kind: 'lazy' };
  }
  return undefined;
}

function loadsModule(callee: ts.Expression): boolean {
  return callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === 'require');
}

function targetOf(from: string, specifier: string): Import['target'] {
  if (specifier.startsWith('.')) return { kind: 'file', name: posix.join(posix.dirname(from), specifier) };
  if (isBuiltin(specifier)) return { kind: 'builtin', name: specifier };
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  return { kind: 'package', name };
}

function readsEnvironment(node: ts.Node): boolean {
  if (ts.isPropertyAccessExpression(node)) return node.name.text === 'env' && endsInProcess(node.expression);
  if (ts.isElementAccessExpression(node)) {
    const key = node.argumentExpression;
    return ts.isStringLiteralLike(key) && key.text === 'env' && endsInProcess(node.expression);
  }
  if (ts.isVariableDeclaration(node) && node.initializer && ts.isObjectBindingPattern(node.name)) {
    const takesEnv = node.name.elements.some((element) => (element.propertyName ?? element.name).getText() === 'env');
    return takesEnv && endsInProcess(node.initializer);
  }
  if (ts.isImportSpecifier(node)) {
    const module = node.parent.parent.parent.moduleSpecifier;
    const isProcess = ts.isStringLiteral(module) && /^(node:)?process$/.test(module.text);
    return isProcess && (node.propertyName ?? node.name).text === 'env';
  }
  return false;
}

/** `{ ...env, ...variables }`, in which names that differ in case stay two on Windows. */
function overlaysEnvironment(node: ts.Node): boolean {
  if (!ts.isObjectLiteralExpression(node)) return false;
  const spread = node.properties.filter(ts.isSpreadAssignment);
  return spread.length > 1 && spread.some(({ expression }) => /(^|\.)env$/.test(expression.getText()));
}

function endsInProcess(expression: ts.Expression): boolean {
  const last = ts.isPropertyAccessExpression(expression) ? expression.name : expression;
  return ts.isIdentifier(last) && last.text === 'process';
}
