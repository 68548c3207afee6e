import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalAWS, type LocalEKS, startLocalAWS, startLocalEKS } from '../../src/testing/index.ts';
import { type Installed, packAndInstall } from '../support/installed-package.ts';
import { codeBlocks, root } from '../support/pages.ts';

let user: Installed;
let aws: LocalAWS;
let clusters: LocalEKS[];
let env: Record<string, string>;
beforeAll(async () => {
  user = packAndInstall();
  for (const peer of ['@kubernetes/client-node', '@types/node']) user.addPeer(peer);
  aws = await startLocalAWS();
  const [dev, prod] = [await startLocalEKS({ aws }), await startLocalEKS({ aws, clusterName: 'prod' })];
  clusters = [dev, prod];
  mkdirSync(join(user.home, '.kube'));
  writeFileSync(join(user.home, '.kube', 'config'), dev.kubeconfig(), { mode: 0o600 });
  env = { ...dev.env(), AWS_ENDPOINT_URL_EKS: aws.endpoint, HOME: user.home };
});
afterAll(async () => {
  user?.[Symbol.dispose]();
  for (const one of [...(clusters ?? []), aws]) await one?.close();
});

/** A folder of a project with the files that a page gives, such as `<!-- file main.cjs -->`. */
function folderOf(page: string): string {
  const folder = join(user.folder, page);
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  for (const { note, text } of codeBlocks(`docs/guides/${page}.md`)) {
    const [, name] = /^file (\S+)$/.exec(note) ?? [];
    if (name !== undefined) writeFileSync(join(folder, name), text);
  }
  return folder;
}

/** Types the bundler's command of a page, and moves the file that it makes to a folder where nothing else is. */
function bundleOf(page: string): { readonly folder: string; readonly file: string } {
  const [command] = codeBlocks(`docs/guides/${page}.md`).filter(({ note }) => note.startsWith('bundles '));
  const file = command?.note.slice('bundles '.length) ?? '';
  const cwd = folderOf(page);
  const path = [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
  execFileSync('sh', ['-euc', command?.text ?? ''], { cwd, env: { PATH: path }, stdio: 'pipe' });
  const folder = mkdtempSync(join(tmpdir(), 'ekspress-bundle-'));
  renameSync(join(cwd, file), join(folder, file));
  return { folder, file };
}

const node = (folder: string, ...words: string[]) =>
  promisify(execFile)(process.execPath, words, { cwd: folder, env: { ...env, PATH: '/nonexistent' } });

const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');

describe('The code of a guide, with the packed package,', () => {
  it('runs as CommonJS', async () => {
    const folder = folderOf('commonjs');
    const { stdout, stderr } = await node(folder, 'main.cjs');
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^\d+ pods in arn:aws:eks:us-east-1:123456789012:cluster\/dev\n$/);
  });

  it.each([
    ['of its page', []],
    ['of Node 10', ['--module', 'commonjs', '--moduleResolution', 'node10', '--ignoreDeprecations', '6.0']],
  ])('runs after a compiler with the module resolution %s', async (_, words) => {
    const folder = join(user.folder, 'commonjs');
    await node(folder, compiler, '-p', folder, ...words);
    const { stdout } = await node(folder, 'service.js');
    expect(stdout).toMatch(/^good until 20\d\d-/);
  });

  it('is a service, which its tsconfig.json compiles and which runs in one file', async () => {
    const { folder, file } = bundleOf('service');
    await node(join(user.folder, 'service'), compiler, '-p', '.');
    const { stdout, stderr } = await node(folder, file);
    expect(stdout).toMatch(/^\d+ pods in arn:aws:eks:us-east-1:123456789012:cluster\/dev\n$/);
    expect(stderr).toBe('');
    rmSync(folder, { recursive: true });
  });

  it('is a handler for Lambda, in one file', async () => {
    const { folder, file } = bundleOf('lambda');
    const call = `const { handler } = await import('./${file}'); console.log(await handler(), await handler()); process.exit();`;
    const { stdout, stderr } = await node(folder, '--input-type=module', '-e', call);
    expect(stdout).toMatch(/^(\{ pods: [1-9]\d* \}\s?){2}$/);
    expect(stderr).toBe('');
    expect(aws.count('DescribeCluster')).toBe(1);
    rmSync(folder, { recursive: true });
  });

  it('is the main process of a desktop app, in one file', async () => {
    const { folder, file } = bundleOf('electron');
    const call = `const { contexts, namespaces, close } = require('./${file}');
      const show = async () => {
        const [{ name }] = await contexts();
        console.log(JSON.stringify([await namespaces(name), await namespaces('misspelt')]));
        await close();
      };
      void show();`;
    const { stdout, stderr } = await node(folder, '-e', call);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual([
      { names: expect.arrayContaining(['default', 'kube-system']) },
      expect.objectContaining({ code: 'INVALID_KUBECONFIG', remedy: expect.stringMatching(/./) }),
    ]);
    rmSync(folder, { recursive: true });
  });

  it('is a test that Jest runs', (context) => {
    const folder = folderOf('jest');
    const words = ['install', '--no-save', '--no-audit', '--no-fund', '--prefix', folder, 'jest@30'];
    try {
      user.run('npm', words);
    } catch {
      return context.skip('skipped: no jest');
    }
    const output = user.run('sh', ['-c', 'cd "$0" && npm test 2>&1', folder], { NODE_NO_WARNINGS: '1' });
    expect(output).toMatch(/^Tests: +1 passed, 1 total$/m);
  });
});
