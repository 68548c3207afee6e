import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { platformOf, type Scope, SOURCES, sourceProgram, TextReader, type Value } from './source-texts.ts';

const NO_SCOPE: Scope = new Map();

/** Every code of an EKSAuthError. */
export function errorCodes(): readonly string[] {
  const [, union = ''] =
    /export type EKSAuthErrorCode =([^;]*);/.exec(readFileSync(`${SOURCES}/errors.ts`, 'utf8')) ?? [];
  return [...union.matchAll(/'(\w+)'/g)].map(([, code = '']) => code);
}

/** The remedies that the sources give with each error code. A text that only a run knows is the name of its variable in capitals. */
export function remediesByCode(codes: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const { checker, files } = sourceProgram();
  const readers = {
    linux: new TextReader(checker, placeholder),
    win32: new TextReader(checker, placeholder, 'win32'),
  };
  const read = (node: ts.Node): readonly Value[] => {
    const shownOn = platformOf(node.getSourceFile().fileName, 'linux');
    return readers[shownOn === 'win32' ? 'win32' : 'linux'].read(node, NO_SCOPE);
  };
  const found = new Map(codes.map((code) => [code, new Set<string>()]));
  const add = (kinds: readonly Value[], remedies: readonly Value[]): void => {
    for (const kind of kinds)
      for (const remedy of remedies) if (isSentence(remedy)) found.get(String(kind))?.add(String(remedy));
  };
  const calls = callsByName(files);
  const declarationOf = (node: ts.Node): ts.Declaration | undefined => {
    const symbol = checker.getSymbolAtLocation(node);
    return (symbol && symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol)
      ?.declarations?.[0];
  };
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node) && node.expression.getText() === 'EKSAuthError') readError(node);
    // The rows of tables that lead from what AWS says to a code.
    if (ts.isArrayLiteralExpression(node) && node.elements.length === 2) {
      const [code, remedy] = node.elements;
      if (code && remedy && ts.isStringLiteral(code) && found.has(code.text)) add([code.text], read(remedy));
    }
    if (ts.isObjectLiteralExpression(node)) {
      const [code, remedy] = ['code', 'remedy'].map((name) => propertyOf(node, name));
      if (code && remedy && ts.isStringLiteral(code)) add([code.text], read(remedy));
    }
    ts.forEachChild(node, visit);
  };
  const readError = (node: ts.NewExpression): void => {
    const [code, , details] = node.arguments ?? [];
    const remedy = details && ts.isObjectLiteralExpression(details) ? propertyOf(details, 'remedy') : undefined;
    if (!code || !remedy) return;
    const maker = ts.findAncestor(node, (one) => ts.isFunctionDeclaration(one)) as ts.FunctionDeclaration | undefined;
    const given = (one: ts.Node) => maker?.parameters.findIndex(({ name }) => name.getText() === one.getText()) ?? -1;
    if (given(code) < 0 && given(remedy) < 0) {
      const kinds = ts.isStringLiteral(code) || ts.isConditionalExpression(code) ? read(code) : [];
      add(kinds, read(remedy));
      return;
    }
    for (const call of calls.get(maker?.name?.text ?? '') ?? []) {
      if (declarationOf(call.expression) !== maker) continue;
      const argument = (one: ts.Node) =>
        given(one) < 0 ? one : (call.arguments[given(one)] ?? maker?.parameters[given(one)]?.initializer);
      const [kind, text] = [argument(code), argument(remedy)];
      if (kind && text && ts.isStringLiteral(kind)) add([kind.text], read(text));
    }
  };
  for (const file of files) visit(file);
  return new Map([...found].map(([code, texts]) => [code, longest([...texts]).sort()]));
}

function callsByName(files: readonly ts.SourceFile[]): ReadonlyMap<string, readonly ts.CallExpression[]> {
  const calls = new Map<string, ts.CallExpression[]>();
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
      const { text } = node.expression;
      calls.set(text, [...(calls.get(text) ?? []), node]);
    }
    ts.forEachChild(node, visit);
  };
  for (const file of files) visit(file);
  return calls;
}

/** The expression of a property; of a method or an arrow function what it returns. */
function propertyOf(object: ts.ObjectLiteralExpression, name: string): ts.Expression | undefined {
  const property = object.properties.find((one) => one.name?.getText() === name);
  if (property && ts.isShorthandPropertyAssignment(property)) return property.name;
  const value = property && ts.isPropertyAssignment(property) ? property.initializer : undefined;
  return value && ts.isArrowFunction(value) && !ts.isBlock(value.body) ? value.body : value;
}

/** Variables whose names say nothing to a reader of the page. */
const READABLE: Readonly<Record<string, string>> = {
  ALLOWED: 'ONE OF THE ALLOWED VALUES',
  CONFIG: 'FILE',
  LOCK: 'FILE',
  MISSING: 'SETTING',
  REAL: 'FILE',
  SHOWN: 'FILE',
};

/** `profile`, `context.name` and `shellPath(path)` as PROFILE, CONTEXT and PATH. */
function placeholder(node: ts.Node): string {
  const called = ts.isCallExpression(node) ? node.expression.getText() : '';
  if (called.startsWith('profile')) return 'PROFILE';
  if (called === 'nameOf') return 'CLUSTER';
  if (called === 'shown') return placeholder((node as ts.CallExpression).arguments[0] ?? node);
  const words = node.getText().match(/[A-Za-z]+/g) ?? [];
  const [last = 'NAME', before = last] = words
    .filter((word) => !/^(?:this|env|toString|slice|join)$/.test(word))
    .reverse();
  const name = (last === 'name' || last === 'text' ? before : last).replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase();
  return READABLE[name] ?? name;
}

/** Not only a placeholder, which is a remedy that another place makes. */
function isSentence(text: Value): boolean {
  return /^[A-Z][\s\S]*[a-z]{2} [\s\S]*\.$/.test(String(text));
}

/** Of texts that differ only in naming the profile, the one that names it most. */
function longest(texts: readonly string[]): string[] {
  const found = new Map<string, string>();
  for (const text of texts) {
    const key = text.replaceAll(' --profile PROFILE', '');
    if (text.length > (found.get(key)?.length ?? 0)) found.set(key, text);
  }
  return [...found.values()];
}
