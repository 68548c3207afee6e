import { existsSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pages, readPage, root } from '../support/pages.ts';

interface Link {
  readonly place: string;
  readonly page: string;
  readonly target: string;
}

function linksOf(page: string): Link[] {
  const prose = readPage(page).replaceAll(/^ {0,3}```[\s\S]*?^ {0,3}```$/gm, (block) => block.replaceAll(/[^\n]/g, ''));
  return prose.split('\n').flatMap((line, index) =>
    [...line.replaceAll(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => ({
      place: `${page}:${index + 1}`,
      page,
      target,
    })),
  );
}

/** Headings as GitHub and typedoc turn them into anchors. */
function anchorsOf(page: string): string[] {
  return [...readPage(page).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
    heading
      .trim()
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-'),
  );
}

/** Sites that pages send their readers to. A typing mistake in a host shows up here. */
const SITES = [
  'opentelemetry.io',
  'keepachangelog.com',
  'semver.org',
  'docs.aws.amazon.com',
  'kubernetes.io',
  'modelcontextprotocol.io',
  'github.com',
  'nodejs.org',
];

const links = pages().flatMap(linksOf);

describe('the links in the documentation', () => {
  it('lead to files and headings that are there', () => {
    const broken = links
      .filter(({ target }) => !/^[a-z]+:/.test(target))
      .filter(({ page, target }) => {
        const [path = '', anchor] = target.split('#');
        const file = path === '' ? page : normalize(join(dirname(page), path));
        if (!existsSync(join(root, file))) return true;
        if (anchor === undefined) return false;
        return statSync(join(root, file)).isDirectory() || !anchorsOf(file).includes(decodeURIComponent(anchor));
      });
    expect(broken.map(({ place, target }) => `${place} ${target}`)).toEqual([]);
    expect(links.length).toBeGreaterThan(10);
  });

  it('lead over https to sites that we mean', () => {
    const odd = links.filter(({ target }) => /^[a-z]+:/.test(target) && !SITES.includes(new URL(target).host));
    expect(odd.map(({ place, target }) => `${place} ${target}`)).toEqual([]);
    expect(links.filter(({ target }) => target.startsWith('http:'))).toEqual([]);
  });

  it('reach every guide from the overview of guides', () => {
    const guides = pages().filter((page) => page.startsWith('docs/guides/') && page !== 'docs/guides/README.md');
    const linked = linksOf('docs/guides/README.md').map(({ target }) => `docs/guides/${target}`);
    expect(guides.filter((guide) => !linked.includes(guide))).toEqual([]);
  });
});
