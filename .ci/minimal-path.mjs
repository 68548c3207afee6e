// The PATH of a machine that has no more than the README asks for: node, npm, npx, git, sh and coreutils.
import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Fills a folder with links to them. @param node the program that is to be `node` */
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
