import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const file = (path: string): string => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');

const script: string = new URL('../../scripts/terminal-picture.mjs', import.meta.url).href;
const { terminalPicture } = (await import(script)) as {
  terminalPicture: (
    frames: readonly { text: string; ms: number }[],
    options: { columns: number; rows: number; title: string; description: string },
  ) => string;
};

const frames = [
  { text: '$ \u001b[1mls\u001b[0m <x>', ms: 1000 },
  { text: '\u001b[32mdone\u001b[39m & gone', ms: 3000 },
];
const options = { columns: 20, rows: 2, title: 'a title', description: 'what ran' };

describe('The picture of a terminal', () => {
  const picture = terminalPicture(frames, options);

  it('shows each screen for its time', () => {
    expect(picture).toContain('25.000%{opacity:0}');
    expect(picture).toContain('animation:f1 4.00s');
  });

  it('keeps colours and has no markup from the terminal', () => {
    expect(picture).toContain('font-weight="bold">ls</tspan>');
    expect(picture).toContain('fill="#3fb950">done</tspan>');
    expect(picture).toContain(' &lt;x&gt;');
    expect(picture).toContain(' &amp; gone');
    expect(picture).not.toContain('\u001b');
  });

  it('says in words what ran, and stands still for readers who want that', () => {
    expect(picture).toContain('<desc id="desc">what ran</desc>');
    expect(picture).toContain('prefers-reduced-motion: reduce');
  });
});

describe('The recording in the READMEs', () => {
  const recording = file('docs/figures/terminal.svg');
  const words = recording.replaceAll(/<style>.*?<\/style>/gs, '').replaceAll(/<[^>]*>/g, '\n');

  it.each(['README.md', 'README.ko.md', 'README.zh.md'])('is in %s', (page) => {
    expect(file(page)).toContain('](docs/figures/terminal.svg)');
  });

  it('shows that the identity is the same, how to undo it, and how long each command took', () => {
    expect(words).toContain('the same identity');
    expect(words).toContain('Undo: ekspress revert --all');
    expect(words.match(/^\d+\.\d\d s$/gm)?.length).toBeGreaterThanOrEqual(2);
  });

  it('has no folder and no token of the machine that made it', () => {
    expect(words).not.toMatch(/\/tmp\/|\/root|\/home\/|k8s-aws-v1/);
  });
});
