import { chmodSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { recordedNode } from '../../../src/plugin/recorded-node.ts';
import { temporaryFolder } from '../../support/temporary.ts';

/** The layout of Homebrew: a folder for each version, and a link in a folder of PATH. */
function homebrew(): { version: string; link: string; bin: string } {
  const prefix = temporaryFolder('brew');
  const version = join(prefix, 'Cellar/node/22.1.0/bin/node');
  const bin = join(prefix, 'bin');
  for (const folder of [join(version, '..'), bin]) mkdirSync(folder, { recursive: true });
  writeFileSync(version, '');
  chmodSync(version, 0o755);
  symlinkSync(version, join(bin, 'node'));
  return { version: realpathSync(version), link: join(bin, 'node'), bin };
}

describe('the Node that apply records', () => {
  it('is the link of PATH that an upgrade leaves in its place', () => {
    const { version, link, bin } = homebrew();
    expect(recordedNode({ PATH: `/none:${bin}` }, version)).toBe(link);
  });

  it('is the path of this process where PATH leads to another Node', () => {
    const { version } = homebrew();
    const { bin } = homebrew();
    expect(recordedNode({ PATH: bin }, version)).toBe(version);
  });

  it('is not a link that lives as long as a shell', () => {
    const { version, bin } = homebrew();
    const shell = join(bin, 'fnm_multishells/1');
    mkdirSync(shell, { recursive: true });
    symlinkSync(version, join(shell, 'node'));
    expect(recordedNode({ PATH: shell }, version)).toBe(version);
  });

  it('is the node of PATH where Bun or Deno runs the program', () => {
    const { link, bin } = homebrew();
    expect(recordedNode({ PATH: bin }, '/usr/bin/deno', { deno: '2.9.6' })).toBe(link);
    expect(recordedNode({ PATH: '/none' }, '/usr/bin/bun', { bun: '1.4.5' })).toBe('/usr/bin/bun');
  });
});
