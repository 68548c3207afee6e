import { readdirSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Where a test that forgets its folder would write: folder -> the names of ours that lie there. */
export type Outside = ReadonlyMap<string, readonly string[]>;

/** What the product writes below a home, and what a mistaken path makes. */
export function lookOutside(): Outside {
  const home = homedir();
  const watched: [string, (name: string) => boolean][] = [
    ['/', (name) => !name.startsWith('.')],
    [root, (name) => !/^(dist|coverage|docs|node_modules|\.git|\.vscode)/.test(name)],
    [home, (name) => /^\.(aws|kube|ekspress|boto|bash_completion|zfunc|config)$/.test(name)],
    [join(home, '.kube'), () => true],
    [join(home, '.kube/cache'), () => true],
    [join(home, '.kube/cache/eks-tokens'), () => true],
    [join(home, '.kube/ekspress'), () => true],
    [join(home, '.aws'), () => true],
    // Another run at the same time has its own folder, whose name begins like this.
    [tmpdir(), (name) => /^ekspress-/.test(name) && !/^ekspress-(t|ci|matrix)-/.test(name)],
    ['/dev/shm', (name) => /ekspress/.test(name)],
  ];
  return new Map(watched.map(([folder, isOurs]) => [folder, namesIn(folder).filter(isOurs)]));
}

export function compareOutside(before: Outside, after: Outside): string[] {
  return [...after].flatMap(([folder, names]) => {
    const known = new Set(before.get(folder));
    return names.filter((name) => !known.has(name)).map((name) => join(folder, name));
  });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
