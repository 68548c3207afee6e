import { formatProcessID, type ProcessID, parseProcessID } from '../system/process-id.ts';

/** The process that holds a lock, as precisely as the system can identify it. */
export interface LockOwner {
  /** Random. With it a holder recognises its own lock, also after another lock has replaced it. */
  readonly nonce: string;
  readonly process: ProcessID;
}

/** The owner as one line with blanks between the fields, which sh can `read`. */
export function formatOwner({ nonce, process }: LockOwner): string {
  return `${nonce} ${formatProcessID(process)}\n`;
}

/** The owner in the text of a lock file. Undefined if the text is not complete. */
export function parseOwner(text: string): LockOwner | undefined {
  const [, nonce = '', rest = ''] = /^([0-9a-f]+) (.+)\n$/.exec(text) ?? [];
  const process = parseProcessID(rest);
  return process && { nonce, process };
}
