import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { makeHome } from '../../support/cli-home.ts';
import { readPage } from '../../support/pages.ts';

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  scripts: Record<string, string>;
  engines: { node: string };
  bin: Record<string, string>;
  dependencies: Record<string, string>;
};

/** The lines of the shell blocks of the README, comments apart. */
const commands = [...readPage('README.md').matchAll(/```sh\n([\s\S]*?)```/g)]
  .flatMap(([, block = '']) => block.split('\n'))
  .map((line) => line.replace(/\s+#.*$/, '').trim())
  .filter((line) => line !== '');

describe('a clone', () => {
  it('has the scripts that the README names', () => {
    expect(commands).toContain('npm ci && npm run demo');
    const named = commands.flatMap((line) => [...line.matchAll(/\bnpm (?:run )?(test|[\w:]+(?<=run [\w:]+))/g)]);
    expect(named.length).toBeGreaterThan(1);
    for (const [, script = ''] of named) expect(manifest.scripts).toHaveProperty([script]);
  });

  it('builds itself on npm ci, with Node from 20 on and without programs besides git, sh and coreutils', () => {
    expect(manifest.scripts.prepare).toBe('node scripts/build.mjs --if-changed');
    expect(manifest.engines.node).toMatch(/^>=20\b/);
    expect(Object.keys(manifest.scripts).filter((name) => /install$/.test(name))).toEqual([]);
  });

  it('has the programs that the package installs, and each answers', async () => {
    for (const path of Object.values(manifest.bin)) expect(readFileSync(path, 'utf8')).toMatch(/^#!/);
    const home = makeHome();
    try {
      for (const words of [['--help'], ['--version'], ['status', '--help']]) {
        expect(await home.run(...words)).toMatchObject({ code: 0, stderr: '' });
      }
      expect(readdirSync(home.path)).toEqual(['.kube']);
    } finally {
      home.remove();
    }
  });
});
