import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { optionalProgram } from './optional-programs.ts';

/** Google's packages install one kubectl per minor version here, behind a dispatcher that starts one of them. */
const VERSIONED = '/usr/lib/google-cloud-sdk/bin';

/**
 * Real kubectls, the oldest and the newest where there are several: their reading of exec stanzas has changed over the
 * years. Empty where there is none.
 */
export function realKubectls(): string[] {
  if (existsSync(VERSIONED)) {
    const versions = readdirSync(VERSIONED)
      .filter((name) => /^kubectl\.1\.\d+$/.test(name))
      .sort((a, b) => minor(a) - minor(b));
    const ends = [versions.at(0), versions.at(-1)].filter((name) => name !== undefined);
    if (ends.length > 0) return [...new Set(ends)].map((name) => join(VERSIONED, name));
  }
  const found = optionalProgram('kubectl');
  return found === undefined ? [] : [found];
}

/** Whether it speaks client.authentication.k8s.io/v1: since 1.22. */
export function speaksV1(kubectl: string): boolean {
  const { stdout } = spawnSync(kubectl, ['version', '--client', '-o', 'json'], { encoding: 'utf8' });
  return Number.parseInt(/"minor": *"(\d+)/.exec(stdout)?.[1] ?? '0', 10) >= 22;
}

function minor(name: string): number {
  return Number(name.split('.')[2]);
}
