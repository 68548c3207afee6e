import { readFileSync, statfsSync } from 'node:fs';
import { readFile, statfs } from 'node:fs/promises';
import { hostname } from 'node:os';
import { macBootSession } from '../../system/boot-session.ts';

/** The machine that a reader or writer runs on, with its uptime: a clock that users cannot set. */
export interface Machine {
  /** `gethostname()`: in a container or pod its own name. On macOS the id of this boot, because networks rename a Mac. */
  readonly hostName: string;
  /** Linux's random id of this boot. Undefined where the system has none. */
  readonly bootId?: string;
  /** Seconds since that boot, time in suspension included. Undefined where the system gives no reliable number. */
  readonly uptimeSeconds?: number;
}

/** `f_type` of the kernel's own procfs (linux/magic.h). In some containers lxcfs shows another uptime through FUSE. */
const PROC_SUPER_MAGIC = 0x9fa0;

const UPTIME = '/proc/uptime';
const BOOT_ID = '/proc/sys/kernel/random/boot_id';

/** The machine as it is now. Never throws. */
export async function readMachine(): Promise<Machine> {
  if (process.platform !== 'linux') return otherMachine();
  const hostName = hostname();
  try {
    const [bootId, uptime, { type }] = await Promise.all([
      readFile(BOOT_ID, 'latin1'),
      readFile(UPTIME, 'latin1'),
      statfs(UPTIME),
    ]);
    const machine = { hostName, bootId: bootId.trim() };
    const uptimeSeconds = Number.parseFloat(uptime);
    return type === PROC_SUPER_MAGIC && Number.isFinite(uptimeSeconds) ? { ...machine, uptimeSeconds } : machine;
  } catch {
    return { hostName };
  }
}

/** {@link readMachine} for a process that does nothing else meanwhile. Never throws. */
export function readMachineSync(): Machine {
  if (process.platform !== 'linux') return otherMachine();
  const hostName = hostname();
  try {
    const machine = { hostName, bootId: readFileSync(BOOT_ID, 'latin1').trim() };
    const uptimeSeconds = Number.parseFloat(readFileSync(UPTIME, 'latin1'));
    const certain = statfsSync(UPTIME).type === PROC_SUPER_MAGIC && Number.isFinite(uptimeSeconds);
    return certain ? { ...machine, uptimeSeconds } : machine;
  } catch {
    return { hostName };
  }
}

/** A machine without /proc. Its name is asked for only where an entry depends on it. */
function otherMachine(): Machine {
  return {
    get hostName() {
      return macBootSession() ?? hostname();
    },
  };
}
