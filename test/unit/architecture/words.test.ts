import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pages, readPage, root } from '../../support/pages.ts';

/** The folders and files whose comments, names and messages are in plain English. Add a folder when it is done. */
const FINISHED = [
  '.ci',
  'bench',
  'examples',
  'scripts',
  'src/aws',
  'src/cache',
  'src/cli',
  'src/cluster',
  'src/errors.ts',
  'src/exec',
  'src/host.ts',
  'src/index.ts',
  'src/kubeconfig',
  'src/mcp',
  'src/metrics',
  'src/options',
  'src/plugin',
  'src/recording',
  'src/store',
  'src/system',
  'src/testing',
  'src/text',
  'src/valkey',
];

/** Words that make a sentence hard to read. Name the call, file, process or token instead. */
const FORBIDDEN = [
  '(no|some|any|every)body',
  'whoever',
  'whom',
  'anew',
  '(one|those) who',
  '(come|comes|came) by',
  '(be|is|are|was|were) had',
  '(go|goes|going|gone) by',
  '(is|are) to be',
  '(?<!there )(is|are|was|were) no(?! longer)',
  'any more',
  'no more(?! than)',
  'such a one',
  'of before(?!\\.\\w)',
  'strangers?',
  'vouch(es|ed)?',
];
const HARD_TO_READ = new RegExp(`\\b(${FORBIDDEN.join('|')})\\b`, 'gi');
const SOURCES = /\.(ts|mjs|sh|c|md)$|\.ci\/run$/;
const LINE_OF_COMMENT = /\n[ \t]*(\*(?!\/)|\/\/|#)[ \t]*/g;

/** Pages in other languages, which native speakers read. */
const TRANSLATIONS = ['README.ko.md', 'README.zh.md'];

/** The text of a page that is not code. Names in code are not sentences. */
function proseOf(page: string): string {
  return page
    .replace(/^ {0,3}```[\s\S]*?^ {0,3}```$/gm, ' CODE ')
    .replace(/(`+)[^`]+\1/g, ' CODE ')
    .replace(/<!--[\s\S]*?-->/g, ' ')
    .replace(/\]\([^)\s]*\)/g, ']')
    .replace(/\s+/g, ' ');
}

/** The files below a path, without installed packages and the results of benchmarks. */
function filesBelow(path: string): string[] {
  if (statSync(join(root, path)).isFile()) return [path];
  return readdirSync(join(root, path), { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules' && name !== 'out')
    .flatMap(({ name }) => filesBelow(`${path}/${name}`));
}

/** The forbidden words in a text, also where a comment continues on the next line. */
function hardWords(text: string): string[] {
  return [...text.replace(LINE_OF_COMMENT, ' ').matchAll(HARD_TO_READ)].map(([word]) => word);
}

describe('the comments, names and messages of the code', () => {
  it('have no words that need a second reading', () => {
    const files = FINISHED.flatMap(filesBelow).filter((path) => SOURCES.test(path));
    expect(files.length).toBeGreaterThan(100);
    const found = files.flatMap((path) => {
      return hardWords(readFileSync(join(root, path), 'utf8')).map((word) => `${path}: ${word}`);
    });
    expect(found).toEqual([]);
  });

  it.each([
    ['/** Whoever asks gets it. */', ['Whoever']],
    ['/** A token that can be\n * had from elsewhere. */', ['be had']],
    ['// read\n  // anew', ['anew']],
    ["'NO_PROXY is no address'", ['is no']],
    ["'Which contexts are to be applied?'", ['are to be']],
    ["'The cluster is no longer registered.'", []],
    ['// There is no scheduler.', []],
    ["'no more than 200 clusters'", []],
  ])('are searched for such words: %j', (text, words) => {
    expect(hardWords(text)).toEqual(words);
  });
});

describe('the prose of the pages', () => {
  const english = pages().filter((page) => !TRANSLATIONS.includes(page));

  it.each(english)('has no words that need a second reading: %s', (page) => {
    expect(hardWords(proseOf(readPage(page)))).toEqual([]);
  });

  it('is everything outside of code, links and comments, also across lines', () => {
    const page = [
      '```sh',
      'echo nobody',
      '```',
      'Whoever asks `whom`, [asks](a-strangers-page.md) a',
      'token that can be',
      'had. <!-- anew -->',
      'Run `ls`, strangers `ls`.',
    ];
    expect(hardWords(proseOf(page.join('\n')))).toEqual(['Whoever', 'be had', 'strangers']);
  });
});
