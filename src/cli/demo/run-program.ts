import { spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Environment } from '../../host.ts';
import { runProgram } from '../../system/run-program.ts';

/** The first executable of that name on PATH, or undefined. */
export function findProgram(name: string, path: string | undefined): string | undefined {
  for (const directory of (path ?? '').split(delimiter)) {
    const candidate = join(directory, name);
    try {
      accessSync(candidate, constants.X_OK);
      if (statSync(candidate).isFile()) return candidate;
    } catch {
      // Not in this directory.
    }
  }
  return undefined;
}

/** Runs a program and gives its stdout; rejects with its stderr where it fails. Leaves this process free to serve it. */
export async function output(program: string, args: readonly string[], env: Environment): Promise<string> {
  const outcome = await runProgram({ command: program, args, env, timeoutMs: 60_000 });
  if (outcome.kind === 'exited' && outcome.status === 0) return outcome.stdout.toString('utf8');
  const said = 'stderr' in outcome ? outcome.stderr.trim() : '';
  throw new Error(`${program} failed: ${said || outcome.kind}`);
}

/** Starts a program and waits for its end without the detour over the event loop: for timing. */
export function runOnce(program: string, args: readonly string[], env: Environment): void {
  const { status, error } = spawnSync(program, [...args], { env: { ...env }, stdio: ['ignore', 'ignore', 'ignore'] });
  if (error ?? status !== 0) throw error ?? new Error(`${program} exited with status ${status}`);
}
