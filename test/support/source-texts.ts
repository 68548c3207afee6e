import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { contextArgument } from '../../src/cli/contexts/context-words.ts';
import { loginLine } from '../../src/cli/contexts/login-words.ts';
import { allowingCommand } from '../../src/kubeconfig/read/kuberc.ts';
import { command, own, type Sentence, sentence } from '../../src/text/sentence.ts';
import { type ShellTask, shellCommandOf } from '../../src/text/shell-command.ts';
import { shellOption, shellPath, shellWord } from '../../src/text/shell-word.ts';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** The folder of the sources. */
export const SOURCES: string = `${ROOT}/src`;

export type Value = string | Sentence;
export type Scope = ReadonlyMap<string, readonly Value[]>;

/** How names get into a command, by function. Any other text from outside appears as it is. */
const doors = (
  name: string,
  platform: NodeJS.Platform,
): Readonly<Record<string, (words: readonly Value[]) => string | undefined>> => ({
  shellWord: () => shellWord(name, platform),
  shellPath: () => shellPath(name, platform),
  shellOption: ([option]) => shellOption(String(option), name, platform),
  shellCommand: ([task, ...paths]) => shellCommandOf(platform, task as ShellTask, ...paths.map(() => name)),
  contextArgument: () => contextArgument(name),
  loginLine: () => loginLine({ kind: 'sso', profile: name }),
  inFile: () => ` ${shellOption('--kubeconfig', name, platform)}`,
  updateKubeconfig: () =>
    `aws eks update-kubeconfig --name CLUSTER --region REGION ${shellOption('--kubeconfig', name, platform)}`,
  allowingCommand: () =>
    allowingCommand({ policy: 'Allowlist', file: '', allowed: [name], key: 'command' }, `/${name}/ekspress-exec`),
});

let program: ts.Program | undefined;

/** The sources as the compiler reads them. */
export function sourceProgram(): { readonly checker: ts.TypeChecker; readonly files: readonly ts.SourceFile[] } {
  program ??= ts.createProgram(sources(), { ...options(), noEmit: true });
  const files = program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(`${SOURCES}/`));
  return { checker: program.getTypeChecker(), files };
}

function sources(): string[] {
  const files = ts.sys.readDirectory(SOURCES, ['.ts']);
  return files.filter((file) => !file.includes('/src/testing/'));
}

function options(): ts.CompilerOptions {
  const read = ts.readConfigFile(`${ROOT}/tsconfig.json`, ts.sys.readFile);
  return ts.parseJsonConfigFileContent(read.config, ts.sys, ROOT).options;
}

/** The system on which a text of a file is shown, where only one shows it. */
export function platformOf(fileName: string, otherwise: NodeJS.Platform): NodeJS.Platform {
  return /\/windows(?:-[\w-]+)?\.ts$/.test(fileName) ? 'win32' : otherwise;
}

/** Which texts an expression can be: constants are looked up, both branches are taken, calls within the file are followed. */
export class TextReader {
  readonly #checker: ts.TypeChecker;
  readonly #nameOf: (node: ts.Node) => string;
  readonly #platform: NodeJS.Platform;
  #depth = 0;

  /** @param nameOf - what stands for a text that only a run can know */
  constructor(checker: ts.TypeChecker, nameOf: (node: ts.Node) => string, platform: NodeJS.Platform = 'linux') {
    this.#checker = checker;
    this.#nameOf = nameOf;
    this.#platform = platform;
  }

  read(node: ts.Node, scope: Scope): readonly Value[] {
    if (this.#depth > 12) return [this.#nameOf(node)];
    this.#depth += 1;
    try {
      return this.#read(node, scope);
    } finally {
      this.#depth -= 1;
    }
  }

  #read(node: ts.Node, scope: Scope): readonly Value[] {
    if (ts.isStringLiteralLike(node)) return [node.text];
    if (ts.isNumericLiteral(node)) return [node.text];
    if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node)) return this.read(node.expression, scope);
    if (ts.isConditionalExpression(node) && node.condition.getText() === "process.platform === 'win32'")
      return this.read(this.#platform === 'win32' ? node.whenTrue : node.whenFalse, scope);
    if (ts.isConditionalExpression(node))
      return [...this.read(node.whenTrue, scope), ...this.read(node.whenFalse, scope)];
    if (ts.isTemplateExpression(node)) return this.#template(node, scope).map(([ours, parts]) => glue(ours, parts));
    if (ts.isTaggedTemplateExpression(node)) return this.#tagged(node, scope);
    if (ts.isBinaryExpression(node)) return this.#binary(node, scope);
    if (ts.isCallExpression(node)) return this.#call(node, scope);
    if (ts.isIdentifier(node) && node.text === 'undefined') return [];
    if (ts.isIdentifier(node)) return scope.get(node.text) ?? this.#constant(node, scope) ?? this.#byType(node);
    return this.#byType(node);
  }

  #binary({ left, operatorToken, right }: ts.BinaryExpression, scope: Scope): readonly Value[] {
    if (operatorToken.kind === ts.SyntaxKind.PlusToken) {
      return this.read(left, scope).flatMap((one) => this.read(right, scope).map((other) => `${one}${other}`));
    }
    if (operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken) return this.read(right, scope);
    return [...this.read(left, scope), ...this.read(right, scope)];
  }

  #template(node: ts.TemplateExpression, scope: Scope): readonly [readonly string[], readonly Value[]][] {
    const ours = [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)];
    const parts = node.templateSpans.map(({ expression }) => this.read(expression, scope));
    return product(parts).map((chosen) => [ours, chosen]);
  }

  #tagged({ tag, template }: ts.TaggedTemplateExpression, scope: Scope): readonly Value[] {
    const make = /^command/.test(tag.getText()) ? command : sentence;
    if (!ts.isTemplateExpression(template)) return [make([template.text])];
    return this.#template(template, scope).map(([ours, parts]) => make(ours, ...parts));
  }

  #call(node: ts.CallExpression, scope: Scope): readonly Value[] {
    const called = ts.isIdentifier(node.expression) ? node.expression.text : '';
    const words = node.arguments.map((word) => this.read(word, scope));
    // Its first argument is where the kubeconfig was read.
    if (called === 'remedyAt') return words.slice(1).flat();
    if (called === 'own') return (words[0] ?? []).map((text) => own(String(text)));
    const known = doors(this.#nameOf(node.arguments.at(-1) ?? node), this.#platform);
    const door = Object.hasOwn(known, called) ? known[called] : undefined;
    if (door) return product(words).flatMap((chosen) => door(chosen) ?? []);
    const declared = called === '' ? undefined : this.#declarationOf(node.expression);
    const body = declared && bodyOf(declared);
    if (!body || declared?.getSourceFile() !== node.getSourceFile()) return this.#byType(node);
    const named = body.parameters.map(({ name }, index): [string, readonly Value[]] => [
      name.getText(),
      words[index] ?? [],
    ]);
    return this.read(body.result, new Map(named));
  }

  #constant(node: ts.Identifier, scope: Scope): readonly Value[] | undefined {
    const declared = this.#declarationOf(node);
    if (!declared || !ts.isVariableDeclaration(declared) || !declared.initializer) return undefined;
    if (!ts.isIdentifier(declared.name) || !(ts.getCombinedNodeFlags(declared) & ts.NodeFlags.Const)) return undefined;
    if (ts.isArrowFunction(declared.initializer)) return undefined;
    return this.read(declared.initializer, scope);
  }

  #declarationOf(node: ts.Node): ts.Declaration | undefined {
    const symbol = this.#checker.getSymbolAtLocation(node);
    const target = symbol && symbol.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol;
    return target?.declarations?.[0];
  }

  /** What only the type tells: one of few words, a number, an option in a sentence, else a text from outside. */
  #byType(node: ts.Node): readonly Value[] {
    const type = this.#checker.getTypeAtLocation(node);
    const kinds = type.isUnion() ? type.types : [type];
    const literals = kinds.flatMap((kind) => (kind.isStringLiteral() ? [kind.value] : []));
    if (literals.length > 0) return literals;
    if (kinds.every((kind) => kind.flags & ts.TypeFlags.NumberLike)) return [own('7')];
    if (kinds.some((kind) => kind.symbol?.name === 'Sentence'))
      return [command([' --profile ', ''], this.#nameOf(node))];
    return [this.#nameOf(node)];
  }
}

function bodyOf(declared: ts.Declaration) {
  const made = ts.isVariableDeclaration(declared) ? declared.initializer : declared;
  if (!made || !(ts.isArrowFunction(made) || ts.isFunctionDeclaration(made)) || !made.body) return undefined;
  if (!ts.isBlock(made.body)) return { parameters: made.parameters, result: made.body };
  const last = made.body.statements.at(-1);
  const result = last && ts.isReturnStatement(last) ? last.expression : undefined;
  return result && { parameters: made.parameters, result };
}

function glue(ours: readonly string[], parts: readonly Value[]): string {
  return ours.map((text, index) => `${text}${parts[index] ?? ''}`).join('');
}

function product(lists: readonly (readonly Value[])[]): readonly (readonly Value[])[] {
  return lists.reduce<readonly (readonly Value[])[]>(
    (made, list) => made.flatMap((before) => list.slice(0, 4).map((value) => [...before, value])),
    [[]],
  );
}
