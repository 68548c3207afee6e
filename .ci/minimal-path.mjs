// The PATH of a machine with the README's requirements only: node, npm, npx, git, sh and coreutils.
import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Fills a folder with links to these programs. @param node the path of `node` */
export function minimalPath(folder, node) {
  symlinkSync(node, join(folder, 'node'));
  for (const name of ['npm', 'npx', 'git', 'sh', ...coreutils()]) {
    const found = (process.env.PATH ?? '')
      .split(delimiter)
      .map((each) => join(each, name))
      .find(existsSync);
    if (found !== undefined && !existsSync(join(folder, name))) symlinkSync(realpathSync(found), join(folder, name));
  }
}

/** The names of the programs of Debian's package coreutils. */
function coreutils() {
  const { stdout } = spawnSync('dpkg', ['-L', 'coreutils'], { encoding: 'utf8' });
  return (stdout ?? '').split('\n').flatMap((path) => /^(?:\/usr)?\/bin\/(.+)$/.exec(path)?.[1] ?? []);
}
