import ts from 'typescript';
import { platformOf, SOURCES, sourceProgram, TextReader } from './source-texts.ts';

/** A text of the sources that holds a command between backquotes. */
export interface RemedyCommand {
  /** File and line. */
  readonly at: string;
  /** The command, where each name from outside is the given one. */
  readonly text: string;
}

/** Every command in a text of the sources, with `name` in the place of whatever comes from outside. */
export function remedyCommands(name: string, platform: NodeJS.Platform = 'linux'): readonly RemedyCommand[] {
  const { checker, files } = sourceProgram();
  const found = new Map<string, RemedyCommand>();
  for (const file of files) {
    const reader = new TextReader(checker, () => name, platformOf(file.fileName, platform));
    const visit = (node: ts.Node): void => {
      if (ts.isStringLiteral(node) || ts.isTemplateLiteral(node) || ts.isTaggedTemplateExpression(node)) {
        for (const text of node.getText().includes('`') ? reader.read(node, new Map()) : []) {
          for (const [, snippet = ''] of String(text).matchAll(/`([^`]+)`/g)) {
            const line = file.getLineAndCharacterOfPosition(node.getStart()).line + 1;
            const at = `src${file.fileName.slice(SOURCES.length)}:${line}`;
            found.set(`${at} ${snippet}`, { at, text: snippet });
          }
        }
        if (!ts.isTemplateExpression(node)) return;
      }
      ts.forEachChild(node, visit);
    };
    visit(file);
  }
  return [...found.values()];
}
