import { rm } from 'node:fs/promises';
import { runProgram } from './run-program.ts';

/** Copying takes milliseconds; a file system behind a network may take longer. */
const TIMEOUT_MS = 10_000;
const PATH = '/usr/bin:/bin';

/**
 * Makes an empty file with the mode, owner, ACL and extended attributes of another one. Node cannot copy them, so GNU
 * cp does.
 * @returns whether it was made
 */
export async function copyAttributes(from: string, to: string): Promise<boolean> {
  const args = ['--attributes-only', '--preserve=mode,ownership,xattr', '--no-clobber', '--', from, to];
  const outcome = await runProgram({ command: 'cp', args, env: { PATH }, timeoutMs: TIMEOUT_MS });
  if (outcome.kind === 'exited' && outcome.status === 0) return true;
  await rm(to, { force: true });
  return false;
}
