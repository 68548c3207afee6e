import { isatty } from 'node:tty';

/** Whether a person may sit in front of this process: its input or its messages belong to a terminal. */
export function isAtTerminal(): boolean {
  return isatty(0) || isatty(2);
}
