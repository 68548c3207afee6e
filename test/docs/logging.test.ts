import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** One call of a logger in src: the event where it is a literal, the level, how many values follow. */
interface LoggedEvent {
  readonly place: string;
  readonly level: string;
  readonly event: string | undefined;
  readonly values: number;
}

const LEVELS = new Set(['debug', 'info', 'warn', 'error']);

function loggedIn(path: string): LoggedEvent[] {
  const source = ts.createSourceFile(path, readFileSync(join(root, path), 'utf8'), ts.ScriptTarget.Latest, true);
  const found: LoggedEvent[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      const { expression, name } = node.expression;
      if (LEVELS.has(name.text) && /(^|[.#])logger$/i.test(expression.getText())) {
        const [event] = node.arguments;
        const { line } = source.getLineAndCharacterOfPosition(node.getStart());
        found.push({
          place: `${path}:${line + 1}`,
          level: name.text,
          event: event && ts.isStringLiteral(event) ? event.text : undefined,
          values: node.arguments.length - 1,
        });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.ts'),
);
const logged = files.flatMap((name) => loggedIn(`src/${name}`));
const page = readFileSync(join(root, 'docs/logging.md'), 'utf8');
const rows = [...page.matchAll(/^\| `([^`]+)` \| (debug|info|warn|error) \|/gm)].map(
  ([, event, level]) => `${level} ${event}`,
);

describe('the vocabulary of the log', () => {
  it('has a row in docs/logging.md for every event of src, and no row for an event that is gone', () => {
    expect([...new Set(logged.map(({ level, event }) => `${level} ${event}`))].sort()).toEqual([...rows].sort());
  });

  it('is made of constant sentences with at most one value after them', () => {
    const irregular = logged.filter(({ event, values }) => event === undefined || values > 1);
    expect(irregular.map(({ place }) => place)).toEqual([]);
  });
});
