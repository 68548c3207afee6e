import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root: string = fileURLToPath(new URL('../..', import.meta.url));

/** One fenced block of a page. */
export interface CodeBlock {
  readonly page: string;
  /** Line of the block's first line of code. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
  /** What an HTML comment right above says: `<!-- throws NO_CREDENTIALS -->`. */
  readonly note: string;
}

const TOP = [
  'README.md',
  'README.ko.md',
  'README.zh.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CHANGELOG.md',
];

/** Every page, from the root of the repository. */
export function pages(): string[] {
  const below = (folder: string) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md') && !name.startsWith('api'))
      .map((name) => `${folder}/${name}`);
  const top = readdirSync(root).filter((name) => TOP.includes(name));
  return [...top, ...below('docs'), ...below('examples')].sort();
}

export function readPage(page: string): string {
  return readFileSync(join(root, page), 'utf8');
}

export function codeBlocks(page: string): CodeBlock[] {
  const found: CodeBlock[] = [];
  const lines = readPage(page).split('\n');
  let open: { language: string; line: number; text: string[]; note: string } | undefined;
  for (const [index, line] of lines.entries()) {
    const fence = /^ {0,3}```(\w*)/.exec(line);
    if (open === undefined && fence) {
      const note = /^<!-- (.*) -->$/.exec(lines[index - 1] ?? '')?.[1] ?? '';
      open = { language: fence[1] ?? '', line: index + 2, text: [], note };
    } else if (open !== undefined && fence) {
      found.push({ ...open, page, text: `${open.text.join('\n')}\n` });
      open = undefined;
    } else open?.text.push(line);
  }
  return found;
}

/** Their code is that of README.md, which languages.test.ts sees to. */
const TRANSLATIONS = new Set(['README.ko.md', 'README.zh.md']);

/** All blocks of a language on all pages but translations, with a name to tell them apart. */
export function blocksIn(...languages: string[]): (CodeBlock & { readonly name: string })[] {
  return pages()
    .filter((page) => !TRANSLATIONS.has(page))
    .flatMap(codeBlocks)
    .filter(({ language }) => languages.includes(language))
    .map((block) => ({ ...block, name: `${block.page}:${block.line}` }));
}

/** The `@example` blocks in the comments of the sources. */
export function examples(): ReturnType<typeof blocksIn> {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  const pages = files.filter((name) => name.endsWith('.ts')).map((name) => `src/${name}`);
  return pages.sort().flatMap((page) =>
    [...readPage(page).matchAll(/^ *\* @example\n *\* ```ts\n([\s\S]*?)^ *\* ```$/gm)].map((match) => {
      const line = readPage(page).slice(0, match.index).split('\n').length + 2;
      const text = (match[1] ?? '').replaceAll(/^ *\* ?/gm, '');
      return { page, line, language: 'ts', text, note: '', name: `${page}:${line}` };
    }),
  );
}

/** All TypeScript that a user reads: on pages, where a block that `continues` begins with what stands before it, and in examples. */
export function programs(): ReturnType<typeof blocksIn> {
  const whole: ReturnType<typeof blocksIn> = [];
  for (const block of blocksIn('ts')) {
    const before = block.note === 'continues' ? whole.at(-1) : undefined;
    whole.push(before ? { ...block, text: before.text + block.text } : block);
  }
  return [...whole, ...examples()];
}
