import { spawnSync } from 'node:child_process';
import type { Environment } from '../../host.ts';
import { runProgram } from '../../system/run-program.ts';

/** What a program printed. */
export interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program and returns what it printed. Rejects with its stderr if it fails. It does not block this process. */
export async function outputOf(program: string, args: readonly string[], env: Environment): Promise<Output> {
  const outcome = await runProgram({ command: program, args, env, timeoutMs: 60_000 });
  if (outcome.kind === 'exited' && outcome.status === 0)
    return { stdout: outcome.stdout.toString('utf8'), stderr: outcome.stderr };
  const said = 'stderr' in outcome ? outcome.stderr.trim() : '';
  throw new Error(`${program} failed: ${said || outcome.kind}`);
}

/** Runs a program synchronously, for timing. */
export function runOnce(program: string, args: readonly string[], env: Environment): void {
  const { status, error } = spawnSync(program, [...args], { env: { ...env }, stdio: ['ignore', 'ignore', 'ignore'] });
  if (error ?? status !== 0) throw error ?? new Error(`${program} exited with status ${status}`);
}
