import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { macBootSession } from './boot-session.ts';

/** Identifies a process among those that get the same pid later, in another container, or on another machine. */
export interface ProcessID {
  readonly pid: number;
  /** In clock ticks since the boot. `-` where the system does not tell it. */
  readonly startTime: string;
  /** Inode of the pid namespace that `pid` belongs to. `-` where the system has no namespaces. */
  readonly pidNamespace: string;
  /** The random id of this boot, of Linux or macOS. On other systems the name of the machine. */
  readonly machine: string;
}

const UNKNOWN = '-';

export function thisProcess(): ProcessID {
  return {
    pid: process.pid,
    startTime: startTimeOf(process.pid) ?? UNKNOWN,
    pidNamespace: attempt(() => readlinkSync('/proc/self/ns/pid').replace(/\D/g, '')) ?? UNKNOWN,
    machine:
      attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()) ?? macBootSession() ?? hostname(),
  };
}

/** The process as four words with blanks in between, which sh can `read`. */
export function formatProcessID({ pid, startTime, pidNamespace, machine }: ProcessID): string {
  return `${pid} ${startTime} ${pidNamespace} ${machine}`;
}

/** The process that {@link formatProcessID} wrote. Undefined if the text is not complete. */
export function parseProcessID(text: string): ProcessID | undefined {
  const match = /^(\d+) (\S+) (\S+) (\S+)$/.exec(text);
  if (!match) return undefined;
  const [, pid = '', startTime = '', pidNamespace = '', machine = ''] = match;
  return { pid: Number(pid), startTime, pidNamespace, machine };
}

/** Whether the process has certainly ended. For a process in another container or on another machine: false. */
export function hasEnded({ pid, startTime, pidNamespace, machine }: ProcessID): boolean {
  const us = thisProcess();
  if (machine !== us.machine || pidNamespace !== us.pidNamespace) return false;
  if (us.startTime === UNKNOWN) return !signalReaches(pid);
  return startTimeOf(pid) !== startTime;
}

/** Field 22 of /proc/PID/stat. The name in field 2 may hold blanks and parentheses. Undefined if there is no such process. */
function startTimeOf(pid: number): string | undefined {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

function signalReaches(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
