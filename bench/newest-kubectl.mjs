import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Google's packages have one kubectl per minor version, behind a dispatcher that would call the plugin itself. */
export function newestKubectl() {
  const versioned = '/usr/lib/google-cloud-sdk/bin';
  const names = existsSync(versioned) ? readdirSync(versioned).filter((name) => /^kubectl\.1\.\d+$/.test(name)) : [];
  const newest = names.sort((a, b) => Number(a.split('.')[2]) - Number(b.split('.')[2])).at(-1);
  if (newest) return join(versioned, newest);
  return spawnSync('kubectl', ['version', '--client'], { stdio: 'ignore' }).status === 0 ? 'kubectl' : undefined;
}
