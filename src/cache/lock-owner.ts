import { formatProcessID, type ProcessID, parseProcessID } from '../system/process-id.ts';

/** Which process holds a lock, as precisely as the system can tell. */
export interface LockOwner {
  /** Random, so that a holder knows its own lock from one that has taken its place. */
  readonly nonce: string;
  readonly process: ProcessID;
}

/** One line, blanks between the fields, so that sh can `read` it. */
export function formatOwner({ nonce, process }: LockOwner): string {
  return `${nonce} ${formatProcessID(process)}\n`;
}

/** @returns undefined for a file that is not (or not yet) whole */
export function parseOwner(text: string): LockOwner | undefined {
  const [, nonce = '', rest = ''] = /^([0-9a-f]+) (.+)\n$/.exec(text) ?? [];
  const process = parseProcessID(rest);
  return process && { nonce, process };
}
