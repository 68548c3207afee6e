import { readFileSync, readlinkSync } from 'node:fs';

/** Which process holds a lock, as precisely as the system can tell. Unknown parts are `-`. */
export interface LockOwner {
  /** Random, so that a holder knows its own lock from one that has taken its place. */
  readonly nonce: string;
  readonly pid: number;
  /** Start time of that process in clock ticks since boot: a pid may be used again. */
  readonly startTime: string;
  /** Inode of the pid namespace: a pid means nothing in another container. */
  readonly pidNamespace: string;
  readonly bootId: string;
}

const UNKNOWN = '-';

/** This process as the owner of a lock with that nonce. */
export function thisProcess(nonce: string): LockOwner {
  return {
    nonce,
    pid: process.pid,
    startTime: startTimeOf(process.pid) ?? UNKNOWN,
    pidNamespace: attempt(() => readlinkSync('/proc/self/ns/pid').replace(/\D/g, '')) ?? UNKNOWN,
    bootId: attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()) ?? UNKNOWN,
  };
}

/** One line, blanks between the fields, so that sh can `read` it. */
export function formatOwner({ nonce, pid, startTime, pidNamespace, bootId }: LockOwner): string {
  return `${nonce} ${pid} ${startTime} ${pidNamespace} ${bootId}\n`;
}

/** @returns undefined for a file that is not (or not yet) whole */
export function parseOwner(text: string): LockOwner | undefined {
  const match = /^([0-9a-f]+) (\d+) (\S+) (\S+) (\S+)\n$/.exec(text);
  if (!match) return undefined;
  const [, nonce = '', pid = '', startTime = '', pidNamespace = '', bootId = ''] = match;
  return { nonce, pid: Number(pid), startTime, pidNamespace, bootId };
}

/** Whether that process certainly runs no more. Of one in another container, or on another machine, nothing is certain. */
export function isGone(owner: LockOwner): boolean {
  const us = thisProcess('');
  if (owner.bootId !== us.bootId || owner.pidNamespace !== us.pidNamespace) return false;
  if (us.bootId === UNKNOWN) return !signalReaches(owner.pid);
  const startTime = startTimeOf(owner.pid);
  return startTime === undefined || startTime !== owner.startTime;
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
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
