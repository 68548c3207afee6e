import { spawnSync } from 'node:child_process';
import type { Environment } from '../../host.ts';
import { runProgram } from '../../system/run-program.ts';

/** Runs a program and returns its stdout. Rejects with its stderr if it fails. It does not block this process. */
export async function outputOf(program: string, args: readonly string[], env: Environment): Promise<string> {
  const outcome = await runProgram({ command: program, args, env, timeoutMs: 60_000 });
  if (outcome.kind === 'exited' && outcome.status === 0) return outcome.stdout.toString('utf8');
  const said = 'stderr' in outcome ? outcome.stderr.trim() : '';
  throw new Error(`${program} failed: ${said || outcome.kind}`);
}

/** Runs a program synchronously, for timing. */
export function runOnce(program: string, args: readonly string[], env: Environment): void {
  const { status, error } = spawnSync(program, [...args], { env: { ...env }, stdio: ['ignore', 'ignore', 'ignore'] });
  if (error ?? status !== 0) throw error ?? new Error(`${program} exited with status ${status}`);
}
