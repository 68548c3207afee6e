import ts from 'typescript';

/** The title of a test or of a group of tests, as the source has it. */
export interface TestTitle {
  readonly line: number;
  readonly group: boolean;
  /** Groups around it. */
  readonly depth: number;
  readonly text: string;
}

const CALLS = /^(describe|it|test)$/;

/** Modifiers that take arguments of their own: the title stands in the call after them. */
const MODIFIERS = /^(each|for|skipIf|runIf)$/;

/** All titles of a test file, in their order. */
export function testTitles(path: string, text: string): TestTitle[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest);
  const found: TestTitle[] = [];
  const walk = (node: ts.Node, depth: number): void => {
    const call = ts.isCallExpression(node) ? titledCall(node) : undefined;
    if (call) {
      const line = file.getLineAndCharacterOfPosition(call.title.getStart(file)).line + 1;
      const words = ts.isStringLiteralLike(call.title) ? call.title.text : call.title.getText(file).slice(1, -1);
      found.push({ line, group: call.group, depth, text: words });
    }
    ts.forEachChild(node, (child) => walk(child, depth + (call?.group ? 1 : 0)));
  };
  walk(file, 0);
  return found;
}

function titledCall(node: ts.CallExpression): { title: ts.Expression; group: boolean } | undefined {
  const [title] = node.arguments;
  if (title === undefined || !(ts.isStringLiteralLike(title) || ts.isTemplateExpression(title))) return undefined;
  if (ts.isPropertyAccessExpression(node.expression) && MODIFIERS.test(node.expression.name.text)) return undefined;
  let callee: ts.Expression = node.expression;
  while (ts.isPropertyAccessExpression(callee) || ts.isCallExpression(callee)) callee = callee.expression;
  return ts.isIdentifier(callee) && CALLS.test(callee.text) ? { title, group: callee.text === 'describe' } : undefined;
}

const FRAGMENT =
  /^(also|and|as|at|because|behind|but|by|for|from|if|in|nor|not|of|on|or|so|than|that|through|to|under|when|where|which|while|who|whose|with|without)\b/i;

/** What a line of CI cannot do without: why `title` says too little there, if it does. */
export function titleFault({ text, group, depth }: TestTitle): string | undefined {
  if (group) {
    if (depth === 0 && FRAGMENT.test(text)) return 'a group needs a subject';
    return undefined;
  }
  if (/^['"]?(%\w|\$[\w.]+|\$\{[^}]*\})['"]?$/.test(text))
    return 'a row of a table is not a sentence: say what is true of it';
  if (FRAGMENT.test(text)) return 'a title needs a verb, and a subject where its group is not the subject';
  if (depth === 0 && !/^([A-Z`%$]|[\w-]+[./])/.test(text))
    return 'a test outside of groups needs a sentence with a subject';
  return undefined;
}
