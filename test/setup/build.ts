import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Integration tests start the plugin, the CLI and other processes of ours from dist: it has to be of this source. */
export function setup(): void {
  if (newest('dist') > newest('src')) return;
  const { status } = spawnSync(process.execPath, ['scripts/build.mjs', '--code-only'], { stdio: 'inherit' });
  if (status !== 0) throw new Error('The build failed.');
}

/** The last change in a folder, in milliseconds; 0 where there is none. */
function newest(folder: string): number {
  try {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    return Math.max(...names.map((name) => statSync(join(folder, name)).mtimeMs));
  } catch {
    return 0;
  }
}
