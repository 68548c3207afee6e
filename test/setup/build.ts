import { spawnSync } from 'node:child_process';

/** Integration tests start the plugin, the CLI and other processes of ours from dist: it has to be of this source. */
export function setup(): void {
  spawnSync(process.execPath, ['scripts/build.mjs'], { stdio: ['ignore', 'ignore', 'inherit'] });
}
