import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../support/pages.ts';

interface Recorded {
  readonly figures: Readonly<Record<string, { readonly ms: number; readonly over?: number }>>;
}

const recorded = JSON.parse(readFileSync(join(root, 'docs/figures/plugin.json'), 'utf8')) as Recorded;
const chart = readFileSync(join(root, 'docs/figures/plugin.svg'), 'utf8');
const ms = (id: string) => recorded.figures[id]?.ms ?? Number.NaN;

describe('the recorded run of the plugin and its rivals', () => {
  it('gives the figures of the chart and the READMEs', () => {
    const { status, stderr } = spawnSync(process.execPath, ['bench/plugin-figures.mjs', '--check'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const bars = [
      ...chart.matchAll(/data-id="([\w-]+)" data-ms="([\d.]+)"[\s\S]*?width="([\d.]+)"[\s\S]*?>([\d.]+) ms</g),
    ];
    expect(bars.length).toBeGreaterThanOrEqual(7);
    for (const [, id = '', drawn, , shown] of bars) {
      expect(Number(drawn)).toBe(ms(id));
      expect(Math.abs(Number(shown) - ms(id))).toBeLessThanOrEqual(0.5);
    }
    // A bar twice as long is twice as slow.
    const width = (id: string) => Number(bars.find(([, one]) => one === id)?.[3]);
    expect(width('bash-jq') / width('aws')).toBeCloseTo(ms('bash-jq') / ms('aws'), 1);
  });

  it('keeps the limits of a hit', () => {
    expect(ms('hit') / ms('sh')).toBeLessThanOrEqual(2.5);
    expect(ms('bash-jq') / ms('hit')).toBeGreaterThanOrEqual(10);
    expect(recorded.figures['kubectl-hit']?.over).toBeLessThanOrEqual(5);
  });

  it('can be read in a table without the chart, and on a dark page', () => {
    expect(chart).toMatch(/role="img" aria-labelledby="title desc"/);
    expect(chart).toMatch(/<title id="title">[^<]+<\/title>\n<desc id="desc">[^<]*aws eks get-token \d+ ms/);
    expect(chart).toContain('@media (prefers-color-scheme: dark)');
  });
});
