// npm run test:windows: the built programs under Node for Windows, which runs in wine. With --unit: the unit tests there.
// Without wine, or without Node's package for Windows, the tests are skipped by name.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { kubectlForWindows } from './kubectl.mjs';
import { runUnitTests } from './unit.mjs';
import { node, prefix, requireWine, root } from './wine.mjs';

requireWine();
const words = process.argv.slice(2);
if (words.includes('--unit')) process.exitCode = runUnitTests(words.filter((word) => word !== '--unit')) ? 0 : 1;
else process.exitCode = runPrograms() ?? 1;

function runPrograms() {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const env = {
    ...process.env,
    EKSPRESS_TEST_WINDOWS_NODE: node,
    EKSPRESS_TEST_WINE_PREFIX: prefix,
    EKSPRESS_TEST_WINDOWS_KUBECTL: kubectlForWindows() ?? '',
  };
  const args = [vitest, 'run', '--project', 'windows', ...words];
  return spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env }).status;
}
