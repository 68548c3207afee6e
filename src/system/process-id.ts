import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process, told from those that have its number later, in another container, or on another machine. */
export interface ProcessID {
  readonly pid: number;
  /** In clock ticks since the boot; `-` where the system does not say. */
  readonly startTime: string;
  /** Inode of the pid namespace, in which the number counts; `-` where there are none. */
  readonly pidNamespace: string;
  /** Linux's random name for this boot, elsewhere the name of the machine. */
  readonly machine: string;
}

const UNKNOWN = '-';

export function thisProcess(): ProcessID {
  return {
    pid: process.pid,
    startTime: startTimeOf(process.pid) ?? UNKNOWN,
    pidNamespace: attempt(() => readlinkSync('/proc/self/ns/pid').replace(/\D/g, '')) ?? UNKNOWN,
    machine: attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()) ?? hostname(),
  };
}

/** Four words with blanks in between, so that sh can `read` them. */
export function formatProcessID({ pid, startTime, pidNamespace, machine }: ProcessID): string {
  return `${pid} ${startTime} ${pidNamespace} ${machine}`;
}

/** @returns undefined for a text that is not (or not yet) whole */
export function parseProcessID(text: string): ProcessID | undefined {
  const match = /^(\d+) (\S+) (\S+) (\S+)$/.exec(text);
  if (!match) return undefined;
  const [, pid = '', startTime = '', pidNamespace = '', machine = ''] = match;
  return { pid: Number(pid), startTime, pidNamespace, machine };
}

/** Whether the process certainly runs no more. Of one in another container or on another machine nothing is certain. */
export function hasEnded({ pid, startTime, pidNamespace, machine }: ProcessID): boolean {
  const us = thisProcess();
  if (machine !== us.machine || pidNamespace !== us.pidNamespace) return false;
  if (us.startTime === UNKNOWN) return !signalReaches(pid);
  return startTimeOf(pid) !== startTime;
}

/** Field 22 of /proc/PID/stat; the name in field 2 may hold blanks and parentheses. Undefined without such a process. */
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
