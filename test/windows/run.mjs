// npm run test:windows: the built programs under Node for Windows, which runs in wine; then, in a long run (EKSPRESS_FAULTS=all),
// the unit tests. Without wine, or without Node's package for Windows, the tests are skipped by name.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { kubectlForWindows } from './kubectl.mjs';
import { runUnitTests } from './unit.mjs';
import { node, prefix, requireWine, root } from './wine.mjs';

requireWine();
const words = process.argv.slice(2);
const { status } = words.includes('--unit')
  ? { status: 0 }
  : spawnSync(
      process.execPath,
      [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--project', 'windows', ...words],
      {
        cwd: root,
        stdio: 'inherit',
        env: {
          ...process.env,
          EKSPRESS_TEST_WINDOWS_NODE: node,
          EKSPRESS_TEST_WINE_PREFIX: prefix,
          EKSPRESS_TEST_WINDOWS_KUBECTL: kubectlForWindows() ?? '',
        },
      },
    );
process.exitCode = status ?? 1;
const isLong = process.env.EKSPRESS_FAULTS === 'all' && words.length === 0;
if ((isLong || words.includes('--unit')) && !runUnitTests(words.filter((word) => word !== '--unit')))
  process.exitCode = 1;
