import { spawn } from 'node:child_process';
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiServer } from '../setup/api-server.ts';

/** Ends the API server at once, as a lost machine would; etcd stays. @returns how to start it again */
export async function killAPIServer({ folder }: ApiServer): Promise<() => void> {
  const recorded = join(folder, 'apiserver.pid');
  const pid = Number(readFileSync(recorded, 'utf8'));
  const [command = '', ...args] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  process.kill(pid, 'SIGKILL');
  while (isRunning(pid)) await sleep(20);
  return () => {
    const log = openSync(join(folder, 'apiserver.log'), 'a');
    const child = spawn(command, args, { detached: true, stdio: ['ignore', log, log] });
    child.unref();
    // `down` ends what is written here.
    writeFileSync(recorded, String(child.pid));
  };
}

/** Dead and not yet waited for is dead. */
function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
