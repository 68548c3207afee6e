import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { root } from '../support/pages.ts';

let clone: string;
beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'ekspress-clone-'));
  for (const part of ['src', 'bin', 'scripts', 'package.json', 'tsconfig.json', 'tsconfig.build.json'])
    cpSync(join(root, part), join(clone, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(clone, 'node_modules'));
});
afterEach(() => rmSync(clone, { recursive: true, force: true }));

const build = (...options: string[]) =>
  spawnSync(process.execPath, ['scripts/build.mjs', ...options], { cwd: clone, encoding: 'utf8' });
const version = () =>
  spawnSync(process.execPath, ['dist/cli/main.js', '--version'], { cwd: clone, encoding: 'utf8' }).stdout.trim();

/** Which dist lies there: each build makes a folder of its own. */
const dist = () => statSync(join(clone, 'dist')).ino;

describe('a build that is asked for if something has changed', () => {
  it('happens in a clone that has none', () => {
    expect(build('--code-only', '--if-changed')).toMatchObject({ status: 0, stderr: '' });
    expect(version()).toBe(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version);
  });

  it('does not happen twice for the same sources', () => {
    build('--code-only');
    const first = dist();
    expect(build('--code-only', '--if-changed').status).toBe(0);
    expect(dist()).toBe(first);
  });

  it.each([
    ['a source has changed', () => writeFileSync(join(clone, 'src/errors.ts'), '// more\n', { flag: 'a' })],
    ['a source is new', () => writeFileSync(join(clone, 'src/new.ts'), 'export {};\n')],
    ['a source is gone', () => rmSync(join(clone, 'src/exec/ekspress-exec.template.sh'))],
    [
      'the package has another entry',
      () => {
        const path = join(clone, 'package.json');
        writeFileSync(path, readFileSync(path, 'utf8').replace('"version": "', '"version": "9.'));
      },
    ],
    ['a program is missing in dist', () => rmSync(join(clone, 'dist/cli/main.js'))],
  ])('happens again where %s', (_, change) => {
    build('--code-only');
    const first = dist();
    change();
    expect(build('--code-only', '--if-changed').status).toBe(0);
    expect(dist()).not.toBe(first);
    expect(version()).not.toBe('');
  });

  it('adds the declarations when the package is packed, and happens once for two packings', () => {
    const pack = () => {
      const args = ['pack', '--dry-run', '--json', '--foreground-scripts=false'];
      const { stdout } = spawnSync('npm', args, { cwd: clone, encoding: 'utf8' });
      return JSON.parse(stdout)[0].files.map(({ path }: { path: string }) => path);
    };
    build('--code-only');
    const files = pack();
    const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(files).toEqual(expect.arrayContaining(['dist/index.js', 'dist/index.d.ts', ...Object.values(bin)]));
    expect(files).not.toContain('dist/.built-from');
    const built = dist();
    expect(pack()).toEqual(files);
    build('--code-only', '--if-changed');
    expect(dist()).toBe(built);
  });

  it('says what it needs where the development dependencies are left out', () => {
    rmSync(join(clone, 'node_modules'));
    const { status, stderr } = build('--if-changed');
    expect(status).toBe(1);
    expect(stderr).toContain('the development dependencies are missing: run `npm ci --include=dev`');
  });

  it('is no trouble without the development dependencies where dist is there', () => {
    build('--code-only');
    rmSync(join(clone, 'node_modules'));
    expect(build('--code-only', '--if-changed')).toMatchObject({ status: 0, stderr: '' });
  });
});
