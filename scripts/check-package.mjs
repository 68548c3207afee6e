// Lints the packed package with publint and are-the-types-wrong. `npm run check:package -- FILE.tgz` checks an existing
// package. Without an argument it packs one.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ekspress-packed-'));
try {
  const [given] = process.argv.slice(2);
  const tarball = given === undefined ? pack() : resolve(given);
  const commands = [
    ['publint', 'run', tarball, '--strict'],
    ['attw', tarball, '--profile', 'esm-only'],
  ];
  const failed = commands.filter(([program, ...args]) => {
    const { status, error } = spawnSync(join(root, 'node_modules', '.bin', program), args, { stdio: 'inherit' });
    if (error) console.error(`check-package: ${error.message}`);
    return status !== 0;
  });
  process.exitCode = failed.length === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function pack() {
  const args = ['pack', '--json', '--foreground-scripts=false', '--pack-destination', folder];
  const [{ filename }] = JSON.parse(execFileSync('npm', args, { cwd: root, encoding: 'utf8' }));
  return join(folder, filename);
}
