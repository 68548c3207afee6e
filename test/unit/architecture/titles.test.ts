import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../../support/pages.ts';
import { testTitles, titleFault } from '../../support/test-titles.ts';

const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts') && !name.includes('node_modules'))
  .map((name) => `test/${name}`);

/** What is said of titles in this text. */
function faultsOf(text: string): (string | undefined)[] {
  return testTitles('x.test.ts', text).map(titleFault);
}

describe('the titles of the tests', () => {
  it('are sentences that mean something alone in a line of CI', () => {
    expect(files.length).toBeGreaterThan(100);
    const faults = files.flatMap((path) =>
      testTitles(path, readFileSync(join(root, path), 'utf8')).flatMap((title) => {
        const fault = titleFault(title);
        return fault === undefined ? [] : [`${path}:${title.line} '${title.text}': ${fault}`];
      }),
    );
    expect(faults).toEqual([]);
  });

  it.each([
    "it('of a locked file', () => {});",
    "it.skipIf(isRoot)('not if one changed', () => {});",
    "it('is left alone', () => {});",
    "it.each([1])('%s', () => {});",
    "describe('in the last third', () => {});",
    "it.each(cases)('$title', () => {});",
  ])('are refused: %s', (text) => {
    expect(faultsOf(text)).toEqual([expect.any(String)]);
  });

  it.each([
    "it('A locked kubeconfig is left as it was', () => {});",
    "describe('a lock', () => { it('is left alone', () => {}); });",
    "describe('the script', () => { describe('with a refused token', () => { it('serves it once', () => {}); }); });",
    "it.each(cases)('The script decides: $title', () => {});",
    "it.each(['of no title'])('The text %s is kept', () => {});",
  ])('are accepted: %s', (text) => {
    expect(faultsOf(text).filter((fault) => fault !== undefined)).toEqual([]);
  });
});
